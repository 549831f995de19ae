import {
  type DataStorage,
  engine,
  type NamedTensorMap,
  type Tensor,
  tensor,
  tidy,
  type Variable,
} from '@tensorflow/tfjs-core';
import type { NodeBackend } from '../backend/index.js';
import type { Output } from '../graph/graph.js';
import { withFusedGradients } from './fusedGradients.js';
import { MixedPrecision } from './mixedPrecision.js';
import type { Product } from './products.js';
import { refusal } from './refusal.js';
import type { GraphSpace } from './space.js';
import { Tracer } from './tracer.js';
import { useBackend } from './useBackend.js';
import type { GraphVariable } from './variableValues.js';

/** A function of tensors; synchronous, as what it does is recorded while it runs. */
export type TensorFunction = (inputs: NamedTensorMap) => NamedTensorMap;

/** Where a function is recorded. */
export type TraceSpace = Pick<
  GraphSpace,
  'tensorflow' | 'graph' | 'bound' | 'precision' | 'read'
> & {
  /** Whether a size, that of the batch, may be left open; see freeze. */
  readonly isBatchOpen?: boolean;
};

/** What a function became in the graph. */
export interface Trace {
  readonly outputs: Readonly<Record<string, Output>>;
  /** Of those outputs that are products of two matrices, the matrices. */
  readonly products: Readonly<Record<string, Product>>;
  /** New values of variables that the function assigned. */
  readonly assigned: ReadonlyMap<GraphVariable, Output>;
  /** The value before the run of every variable that the function read. */
  readonly reads: ReadonlyMap<GraphVariable, Output>;
}

/**
 * Runs the function once, on tensors without values, and records what it would compute.
 *
 * @throws CAPTURE_FAILED where it reads values, captures another function, draws random numbers, or uses what a
 *   graph cannot do
 */
export function trace(
  space: TraceSpace,
  work: TensorFunction,
  inputs: Readonly<Record<string, Output>>,
): Trace {
  const { backend, binding } = space.tensorflow;
  if (backend.binding !== binding) {
    throw refusal(
      'a function is captured while another one is',
      'Call what is to be captured as a part of it as the plain function that it is.',
    );
  }
  useBackend(space.tensorflow);
  const reads = new Map<GraphVariable, Output>();
  const read = (variable: GraphVariable): Output => {
    const output = reads.get(variable) ?? space.read(variable);
    reads.set(variable, output);
    return output;
  };
  const idOf = (tensor: Tensor): number => backend.getInputTensorIds([tensor])[0]!;
  const held = [...space.bound].map(([variable, target]) => {
    giveOwnValue(backend, variable);
    // A second reference keeps the value of a variable that the function assigns.
    return { variable, target, value: variable.clone(), id: idOf(variable) };
  });
  const variables = new Map(held.map(({ id, target }) => [id, () => read(target)]));
  for (const [id, name] of otherVariables(space)) variables.set(id, () => refuseVariable(name));
  const mixed = space.precision === 'bfloat16' ? new MixedPrecision(space.graph) : null;
  const { isBatchOpen = false } = space;
  const tracer = new Tracer(binding, space.graph, variables, mixed, isBatchOpen);
  const outputs: Record<string, Output> = {};
  const products: Record<string, Product> = {};
  const assigned = new Map<GraphVariable, Output>();
  backend.binding = tracer.binding;
  try {
    tidy(() => {
      const given = Object.entries(inputs).map(([name, output]) => {
        const { shape, type } = output;
        const metadata = { id: tracer.symbol(output), shape: [...shape!], dtype: type };
        return [name, backend.createOutputTensor(metadata)];
      });
      const results = guarded(backend, () => work(Object.fromEntries(given) as NamedTensorMap));
      for (const [name, tensor] of Object.entries(results)) {
        const id = idOf(tensor);
        outputs[name] = tracer.resultOf(id);
        const product = tracer.productOf(id);
        if (product !== undefined) products[name] = product;
      }
      for (const { variable, target, value } of held) {
        if (variable.dataId === value.dataId) continue;
        assigned.set(target, tracer.resultOf(idOf(variable)));
        variable.assign(value);
      }
    });
  } catch (thrown) {
    disposeTape();
    throw thrown;
  } finally {
    // After a failure a variable may still stand for a value that will never be.
    for (const { variable, value } of held) {
      if (variable.dataId !== value.dataId) variable.assign(value);
    }
    backend.binding = binding;
    for (const { value } of held) value.dispose();
  }
  return { outputs, products, assigned, reads };
}

const guarded = (backend: NodeBackend, work: () => NamedTensorMap): NamedTensorMap =>
  withoutReads(backend, () => withoutRandom(() => withFusedGradients(() => synchronous(work()))));

/** Tensors that share a variable's value would be taken for the variable, which changes; they do not. */
function giveOwnValue(backend: NodeBackend, variable: Variable): void {
  if (backend.refCount(variable.dataId) === 1) return;
  tidy(() => variable.assign(tensor(variable.dataSync(), variable.shape, variable.dtype)));
}

/** What was saved for a gradient is kept until that is computed; where it failed, it never will be. */
function disposeTape(): void {
  const { state } = engine();
  if (state.gradientDepth > 0) return;
  for (const { saved } of state.activeTape ?? [])
    for (const tensor of saved ?? []) tensor.dispose();
  state.activeTape = [];
}

/** Variables of TensorFlow.js that the space does not know: as constants they would silently never change. */
function otherVariables({ tensorflow, bound }: TraceSpace): [id: number, name: string][] {
  const all: Variable[] = Object.values(engine().registeredVariables);
  return all
    .filter((variable) => !bound.has(variable) && holds(tensorflow.backend, variable))
    .map((variable) => [tensorflow.backend.getInputTensorIds([variable])[0]!, variable.name]);
}

/** Variables of other backends cannot be meant, and would be moved here by a look at them. */
const holds = (backend: object, { dataId }: Variable): boolean =>
  (backend as { tensorMap: DataStorage<unknown> }).tensorMap.has(dataId);

function refuseVariable(name: string): never {
  throw refusal(
    `a captured function uses the variable '${name}', which does not live in its graph`,
    'Bind it to a variable of the graph before the function is captured.',
  );
}

/** A number drawn while capturing would be the same in every run. */
function withoutRandom<Result>(work: () => Result): Result {
  const { random } = Math;
  Math.random = () => {
    throw refusal(
      'a captured function draws random numbers on the host, which would be the same in each run',
      'Draw them by an op of the graph that takes its seed as an input (StatelessRandomUniformV2).',
    );
  };
  try {
    return work();
  } finally {
    Math.random = random;
  }
}

/**
 * `data()` and `array()` give a promise, whatever happens: the refusal is thrown after the function, and
 * that promise stays open, as nothing waits for it.
 */
function withoutReads<Result>(backend: NodeBackend, work: () => Result): Result {
  const { read } = backend;
  let refused: { readonly reason: unknown } | undefined;
  backend.read = (dataId) => {
    try {
      return Promise.resolve(backend.readSync(dataId));
    } catch (reason) {
      refused ??= { reason };
      return new Promise(() => {});
    }
  };
  try {
    const result = work();
    if (refused !== undefined) throw refused.reason;
    return result;
  } catch (thrown) {
    throw refused === undefined ? thrown : refused.reason;
  } finally {
    backend.read = read;
  }
}

function synchronous(results: NamedTensorMap): NamedTensorMap {
  const given: unknown = results;
  if (!(given instanceof Promise)) return results;
  given.catch(() => {});
  throw refusal(
    'a captured function is asynchronous: what it does later would not be recorded',
    'Give a function that returns its tensors, not a promise of them.',
  );
}

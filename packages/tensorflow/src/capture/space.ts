import { LockstepError, type Precision } from '@lockstep/core';
import type { Variable } from '@tensorflow/tfjs-core';
import type { TensorFlow } from '../backend/index.js';
import { Graph, type Operation, type Output } from '../graph/graph.js';
import { Session } from '../graph/session.js';
import type { RuntimeOptions } from '../native/config.js';
import { dataType } from '../native/dataTypes.js';
import type { Pointer } from '../native/functions.js';
import { Turns } from './turns.js';
import { type GraphVariable, VariableValues } from './variableValues.js';

/** Threads other than those that TensorFlow was started with, and a precision. */
export interface SpaceOptions extends RuntimeOptions {
  /** `bfloat16`: matrix work is done in it, and the rest in float32; see MixedPrecision. */
  readonly precision?: Precision;
}

const float = { type: dataType.float32 };

/**
 * One graph and its session: variables, and the functions that are captured into it. Values of variables
 * are in TensorFlow's hands; TensorFlow.js variables that are bound to them keep the values they had.
 *
 * What runs in it takes turns, in the order asked for: beside an update that changes one variable after
 * the other, a read would see some as they were before and some as they are afterwards.
 */
export class GraphSpace {
  readonly session: Session;
  /** Of what is captured. */
  readonly precision: Precision;
  readonly #graph: Graph;
  readonly #turns = new Turns();
  readonly #values: VariableValues;
  readonly #bound = new Map<Variable, GraphVariable>();
  #deleted = false;

  constructor(
    readonly tensorflow: TensorFlow,
    { precision = 'float32', ...threads }: SpaceOptions = {},
  ) {
    this.precision = precision;
    this.#graph = new Graph(tensorflow.library);
    this.session = new Session(this.#graph, { ...tensorflow.options, ...threads });
    this.#values = new VariableValues(this.#graph, this.session);
  }

  /** @throws INTERNAL once the space was deleted */
  get graph(): Graph {
    if (this.#deleted) throw new LockstepError('INTERNAL', 'the graph was deleted');
    return this.#graph;
  }

  /** Variables that captured functions use, by what TensorFlow.js knows them as; without disposed ones. */
  get bound(): ReadonlyMap<Variable, GraphVariable> {
    for (const variable of this.#bound.keys()) {
      if (variable.isDisposed) this.#bound.delete(variable);
    }
    return this.#bound;
  }

  /** A new variable; it has no value until `writeFrom`. */
  variable(name: string, shape: readonly number[]): GraphVariable {
    const { graph } = this;
    const handle = graph.node('VarHandleOp', [], {
      dtype: float,
      shape: { shape },
      shared_name: { string: name },
      container: { string: '' },
    });
    const variable = { name, shape, handle };
    const feed = graph.placeholder(dataType.float32, shape);
    const assign = this.assign(variable, feed);
    const destroy = graph.operation('DestroyResourceOp', { inputs: [handle] });
    this.#values.add(variable, { feed, assign, read: this.read(variable), destroy });
    return variable;
  }

  /** Functions that use this TensorFlow.js variable will use the graph's. */
  bind(variable: Variable, to: GraphVariable): void {
    this.#bound.set(variable, to);
  }

  /** @param after what must have happened before */
  read({ handle }: GraphVariable, after: readonly Pointer[] = []): Output {
    const options = { inputs: [handle], attributes: { dtype: float }, after };
    return this.graph.operation('ReadVariableOp', options).outputs[0]!;
  }

  /** @param read that must see the value before */
  assign({ handle }: GraphVariable, value: Output, read?: Output): Operation {
    return this.graph.operation('AssignVariableOp', {
      inputs: [handle, value],
      attributes: { dtype: float },
      after: read === undefined ? [] : [read.oper],
    });
  }

  /**
   * Waits for what was asked for before, and lets nothing else run meanwhile.
   *
   * @param work in it, only the values that it is given can be reached: `readInto` and `writeFrom` of the space
   *   would wait for its end
   * @throws INTERNAL once the space was deleted
   */
  async inTurn<Result>(work: (values: VariableValues) => Promise<Result>): Promise<Result> {
    if (this.#deleted) throw new LockstepError('INTERNAL', 'the graph was deleted');
    return this.#turns.take(() => work(this.#values));
  }

  /** As VariableValues has it, in a turn of its own. */
  readInto(variables: readonly GraphVariable[], into: Float32Array): Promise<void> {
    return this.inTurn((values) => values.readInto(variables, into));
  }

  /** As VariableValues has it, in a turn of its own. */
  writeFrom(variables: readonly GraphVariable[], source: Float32Array): Promise<void> {
    return this.inTurn((values) => values.writeFrom(variables, source));
  }

  /** What was asked for before is waited for. */
  async delete(): Promise<void> {
    if (this.#deleted) return;
    this.#deleted = true;
    await this.#turns.take(async () => {
      await this.session.delete();
      this.#graph.delete();
    });
  }
}

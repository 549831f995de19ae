import { rangeLength } from '@lockstep/core/data';
import {
  CapturedFunction,
  type CaptureOptions,
  type Graph,
  type GraphSpace,
  type Output,
  type Signature,
  type TensorFunction,
} from '@lockstep/tensorflow';
import type { BuiltModel } from '../../model/index.js';
import type { Parameter } from '../engine.js';
import { evaluationPass, gradientName, gradientPass, predictionPass } from './passes.js';
import type { Plan } from './towers.js';
import type { GraphWeights } from './weights.js';

/** What a model is run for, each a call of a captured graph. Named results are by gradientName, or `sums`. */
export interface ModelFunctions {
  readonly gradients: CapturedFunction;
  /** Adds the gradients of a part of a batch, times `weight`, to the flat `gradient` that is fed. */
  readonly addGradients: CapturedFunction;
  readonly apply: CapturedFunction;
  readonly step: CapturedFunction;
  readonly evaluate: CapturedFunction;
  readonly predict: CapturedFunction;
}

/** What the functions of one model are made of. */
export interface FunctionOptions {
  readonly space: GraphSpace;
  readonly built: BuiltModel;
  readonly weights: GraphWeights;
  readonly imageShape: readonly number[];
  readonly plan: Plan;
  /** A function that cannot be captured, and why; it is run op by op. */
  readonly onFallback: (name: string, reason: string) => void;
}

export function modelFunctions(options: FunctionOptions): ModelFunctions {
  const { built, weights, imageShape, plan } = options;
  const trainable = built.parameters.filter((parameter) => parameter.trainable);
  const images: Signature = { images: { dtype: 'uint8', shape: [null, ...imageShape] } };
  const samples: Signature = { ...images, labels: { dtype: 'uint8', shape: [null] } };
  const moments: Signature = { ...samples, counter: { dtype: 'int32', shape: [2] } };
  const flat = flatGradient(built.gradientLength);
  const rates = ratesOf(weights);
  const gradientsOf = (values: Readonly<Record<string, Output>>) =>
    trainable.map((_, i) => values[gradientName(i)]!);
  const named = (gradients: readonly Output[]) =>
    Object.fromEntries(gradients.map((gradient, i) => [gradientName(i), gradient]));
  const training = gradientPass(built, plan);
  return {
    gradients: capture(options, 'gradients', training, {
      inputs: moments,
      finish: (_, values) => ({
        fetches: { sums: values.sums!, ...named(gradientsOf(values)) },
      }),
    }),
    addGradients: capture(options, 'piece', training, {
      inputs: { ...moments, weight: { dtype: 'float32', shape: [] } },
      finishInputs: flat,
      finish: (graph, values) => {
        const before = split(graph, values.gradient!, trainable);
        const sums = gradientsOf(values).map((each, i) => graph.node('AddV2', [before[i]!, each]));
        return { fetches: { sums: values.sums!, ...named(sums) } };
      },
    }),
    apply: capture(options, 'apply', () => ({}), {
      finishInputs: { ...flat, ...rates },
      finish: (graph, values, reads) => ({
        fetches: {},
        targets: weights.update(graph, split(graph, values.gradient!, trainable), values, reads),
      }),
    }),
    step: capture(options, 'step', training, {
      inputs: moments,
      finishInputs: rates,
      finish: (graph, values, reads) => ({
        fetches: { sums: values.sums! },
        targets: weights.update(graph, gradientsOf(values), values, reads),
      }),
    }),
    evaluate: capture(options, 'evaluate', evaluationPass(built, plan), { inputs: samples }),
    predict: capture(options, 'predict', predictionPass(built), { inputs: images }),
  };
}

/** The update of the own part of the weights, which it gives as `weights`. */
export function ownUpdate(options: FunctionOptions): CapturedFunction {
  const { weights } = options;
  return capture(options, 'own update', () => ({}), {
    finishInputs: { ...flatGradient(rangeLength(weights.own)), ...ratesOf(weights) },
    finish: (graph, values, reads) => {
      const update = weights.update(graph, [values.gradient!], values, reads);
      return { fetches: { weights: weights.updatedPart(update) }, targets: update };
    },
  });
}

const flatGradient = (length: number): Signature => ({
  gradient: { dtype: 'float32', shape: [length], isLent: true },
});

const ratesOf = ({ scalarNames }: GraphWeights): Signature =>
  Object.fromEntries(scalarNames.map((name) => [name, { dtype: 'float32', shape: [] }]));

const capture = (
  { space, onFallback }: FunctionOptions,
  name: string,
  work: TensorFunction,
  options: Partial<CaptureOptions>,
): CapturedFunction =>
  new CapturedFunction(space, work, {
    name,
    inputs: {},
    onFallback: ({ message }) => onFallback(name, message),
    ...options,
  });

/** The gradient of each parameter. Slices of whole cache lines are no copies. */
function split(graph: Graph, flat: Output, parameters: readonly Parameter[]): Output[] {
  return parameters.map(({ offset, length, shape }) => {
    const slice = graph.node('Slice', [flat, graph.int32(offset), graph.int32(length)]);
    return graph.node('Reshape', [slice, graph.int32(...shape)]);
  });
}

import { rangeLength } from '@lockstep/core/data';
import type { FactorProduct } from '@lockstep/core/reducer';
import {
  CapturedFunction,
  type CaptureOptions,
  type Graph,
  type GraphSpace,
  type Output,
  type Signature,
  type TensorFunction,
} from '@lockstep/tensorflow';
import { matMul, slice, type Tensor2D } from '@tensorflow/tfjs-core';
import type { BuiltModel } from '../../model/index.js';
import type { LoadOptions, Parameter } from '../engine.js';
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
  readonly imageShape: LoadOptions['imageShape'];
  readonly plan: Plan;
  /** A function that cannot be captured, and why; it is run op by op. */
  readonly onFallback: (name: string, reason: string) => void;
}

export function modelFunctions(options: FunctionOptions): ModelFunctions {
  const { built, weights, imageShape, plan } = options;
  const trainable = trainableOf(built);
  const { images, samples, moments } = signatures(imageShape);
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
      finish: (graph, values, { reads }) => ({
        fetches: {},
        targets: weights.update(graph, split(graph, values.gradient!, trainable), values, reads),
      }),
    }),
    step: capture(options, 'step', training, {
      inputs: moments,
      finishInputs: rates,
      finish: (graph, values, { reads }) => ({
        fetches: { sums: values.sums! },
        targets: weights.update(graph, gradientsOf(values), values, reads),
      }),
    }),
    evaluate: capture(options, 'evaluate', evaluationPass(built, plan), { inputs: samples }),
    predict: capture(options, 'predict', predictionPass(built), { inputs: images }),
  };
}

/** Of the parameter by that number: the matrices whose product its gradient is; and products by their number. */
export const inputsName = (index: number): string => `inputs${index}`;
export const deltasName = (index: number): string => `deltas${index}`;
export const productName = (index: number): string => `product${index}`;

/**
 * `gradients`, but of some parameters the matrices whose product it is, where it is one over the samples.
 *
 * @param wanted by their offset
 */
export function factoredGradients(
  options: FunctionOptions,
  wanted: ReadonlySet<number>,
): CapturedFunction {
  const { built, imageShape, plan } = options;
  return capture(options, 'factors', gradientPass(built, plan), {
    inputs: signatures(imageShape).moments,
    finish: (_, values, { inputs, products }) => {
      const fetches: Record<string, Output> = { sums: values.sums! };
      const [samples] = inputs.images?.shape ?? [];
      for (const [i, { shape, offset }] of trainableOf(built).entries()) {
        const name = gradientName(i);
        const product = wanted.has(offset) ? products[name] : undefined;
        if (product !== undefined && isOverSamples(product, samples, shape)) {
          fetches[inputsName(i)] = product.left;
          fetches[deltasName(i)] = product.right;
        } else fetches[name] = values[name]!;
      }
      return { fetches };
    },
  });
}

/** A product may be over more than samples: a layer may be given several rows of each. */
const isOverSamples = (
  { left, right }: { readonly left: Output; readonly right: Output },
  samples: number | undefined,
  [rows, columns]: readonly number[],
): boolean =>
  [left, right].every(({ shape }) => shape?.[0] === samples) &&
  left.shape?.[1] === rows &&
  right.shape?.[1] === columns;

/** Elements of products of inputs and deltas of any number of samples, each by productName. */
export function factorProducts(
  options: FunctionOptions,
  products: readonly Pick<FactorProduct, 'kernel' | 'elements'>[],
): CapturedFunction {
  const parts = products.map(({ kernel, elements: { begin, end } }, i) => {
    const row = Math.floor(begin / kernel.columns);
    const rows = Math.ceil(end / kernel.columns) - row;
    return { i, kernel, row, rows, begin: begin - row * kernel.columns, length: end - begin };
  });
  const lent = (columns: number) =>
    ({ dtype: 'float32', shape: [null, columns], isLent: true }) as const;
  const inputs: Signature = Object.fromEntries(
    parts.flatMap(({ i, kernel }) => [
      [inputsName(i), lent(kernel.rows)],
      [deltasName(i), lent(kernel.columns)],
    ]),
  );
  const work: TensorFunction = (given) => {
    const results = parts.map(({ i, kernel, row, rows }) => {
      const all = given[inputsName(i)] as Tensor2D;
      const own = rows === kernel.rows ? all : slice(all, [0, row], [all.shape[0], rows]);
      return [productName(i), matMul(own, given[deltasName(i)] as Tensor2D, true)];
    });
    return Object.fromEntries(results) as ReturnType<TensorFunction>;
  };
  return capture(options, 'products', work, {
    inputs,
    finish: (graph, values) => {
      // What is wanted may begin and end within a row.
      const fetches = parts.map(({ i, begin, length }) => {
        const flat = graph.node('Reshape', [values[productName(i)]!, graph.int32(-1)]);
        return [
          productName(i),
          graph.node('Slice', [flat, graph.int32(begin), graph.int32(length)]),
        ];
      });
      return { fetches: Object.fromEntries(fetches) as Record<string, Output> };
    },
  });
}

/** The update of the own part of the weights, which it gives as `weights`. */
export function ownUpdate(options: FunctionOptions): CapturedFunction {
  const { weights } = options;
  return capture(options, 'own update', () => ({}), {
    finishInputs: { ...flatGradient(rangeLength(weights.own)), ...ratesOf(weights) },
    finish: (graph, values, { reads }) => {
      const update = weights.update(graph, [values.gradient!], values, reads);
      return { fetches: { weights: weights.updatedPart(update) }, targets: update };
    },
  });
}

export const trainableOf = ({ parameters }: BuiltModel): Parameter[] =>
  parameters.filter((parameter) => parameter.trainable);

/** What the model's passes take. */
function signatures(
  imageShape: readonly number[],
): Record<'images' | 'samples' | 'moments', Signature> {
  const images: Signature = { images: { dtype: 'uint8', shape: [null, ...imageShape] } };
  const samples: Signature = { ...images, labels: { dtype: 'uint8', shape: [null] } };
  return { images, samples, moments: { ...samples, counter: { dtype: 'int32', shape: [2] } } };
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

import type { TensorFunction } from '@lockstep/tensorflow';
import {
  add,
  cast,
  div,
  keep,
  mean,
  mul,
  type NamedTensorMap,
  type Scalar,
  scalar,
  slice,
  stack,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  tensor1d,
  variableGrads,
  zeros,
} from '@tensorflow/tfjs-core';
import { outputTensorOf } from '../../loss/index.js';
import type { BuiltModel } from '../../model/index.js';
import { variableOf } from '../tfjs/network.js';
import { sampleLosses, targetTensorOf } from './loss.js';
import { type Plan, sumOfParts, type Work } from './towers.js';

/** Names of the passes' results. */
export const gradientName = (index: number): string => `gradient${index}`;

/**
 * Forward and backward as a function of tensors.
 *
 * Takes `images` `[samples, height, width, channels]` float32 of 0 to 255, `labels` `[samples]` float32 and
 * `counter` `[2]` int32 (see Noise); and, where the batch is a part of a larger one, `weight` `[]` float32, which
 * the gradients are multiplied by. Gives `sums` `[1 + metrics]`: the loss summed over the samples, with the
 * model's regularization as Keras reports it, and each metric; and the mean gradient of each trainable weight by
 * gradientName.
 */
export function gradientPass(built: BuiltModel, plan: Plan): TensorFunction {
  const { network, variables, parameters, noise, loss } = built;
  const losses = sampleLosses(loss);
  const trainable = variables.filter((_, i) => parameters[i]!.trainable).map(variableOf);
  return ({ images, labels, counter, weight }) => {
    const samples = images!.shape[0]!;
    const sums: NamedTensorMap = sumOfParts(plan, images!, (own, { begin, end }) => {
      const classes = classesOf(labels!, begin, end - begin);
      const from = add(counter!, tensor1d([begin, 0], 'int32')) as Tensor1D;
      let scores: Tensor2D | undefined;
      const { value, grads } = variableGrads(() => {
        const output = noise.during(from, () => network.apply(scaled(own), { training: true }));
        scores = keep(output as Tensor2D);
        const average = withRegularization(network, mean(losses(scores, classes)));
        // A part counts by its samples, so that the parts' gradients add up to the batch's.
        const part = end - begin === samples ? average : mul(average, (end - begin) / samples);
        // So the scalar is multiplied, and no gradient need be.
        return (weight === undefined ? part : mul(part, weight)) as Scalar;
      }, trainable);
      const measured = measure(built, scores!, classes);
      scores!.dispose();
      const gradients = trainable.map(({ name, shape }, i): [string, Tensor] => [
        gradientName(i),
        grads[name] ?? zeros(shape),
      ]);
      return { loss: value, ...measured, ...(Object.fromEntries(gradients) as NamedTensorMap) };
    });
    const average = weight === undefined ? sums.loss! : div(sums.loss!, weight);
    const gradients = trainable.map((_, i) => [gradientName(i), sums[gradientName(i)]!]);
    return {
      sums: stack([mul(average, samples), ...measuredIn(sums, built)]),
      ...(Object.fromEntries(gradients) as NamedTensorMap),
    };
  };
}

/** `sums` as gradientPass has them, in inference mode. */
export function evaluationPass(built: BuiltModel, plan: Plan): TensorFunction {
  const { network, loss } = built;
  const losses = sampleLosses(loss);
  return ({ images, labels }) => ({
    ...sumOfParts(plan, images!, (own, { begin, end }) => {
      const classes = classesOf(labels!, begin, end - begin);
      const scores = network.apply(scaled(own), { training: false }) as Tensor2D;
      const average = withRegularization(network, mean(losses(scores, classes)));
      const measured = measuredIn(measure(built, scores, classes), built);
      return { sums: stack([mul(average, classes.size), ...measured]) };
    }),
  });
}

/** `outputs` `[samples, units]`: the model's last activation, in inference mode. */
export function predictionPass({ network, loss: { head } }: BuiltModel): TensorFunction {
  return ({ images }) => ({
    outputs: outputTensorOf(head, network.apply(scaled(images!), { training: false }) as Tensor2D),
  });
}

/** 0..255 to 0..1. */
const scaled = (images: Tensor): Tensor => div(images, scalar(255));

const withRegularization = (network: BuiltModel['network'], average: Tensor): Scalar =>
  network.calculateLosses().reduce<Tensor>((total, each) => add(total, each), average) as Scalar;

const metricName = (index: number): string => `metric${index}`;

/** What each metric comes to, by metricName. */
function measure(
  { metrics, loss, units }: BuiltModel,
  scores: Tensor2D,
  labels: Tensor1D,
): NamedTensorMap {
  const scored = {
    scores,
    labels,
    get outputs() {
      return outputTensorOf(loss.head, scores);
    },
    get targets() {
      return targetTensorOf(labels, units);
    },
  };
  const sums = metrics.map((metric, i) => [metricName(i), metric.sumTensor(scored)]);
  return Object.fromEntries(sums) as NamedTensorMap;
}

/** The same in the metrics' order. */
const measuredIn = (measured: NamedTensorMap, { metrics }: BuiltModel): Tensor[] =>
  metrics.map((_, i) => measured[metricName(i)]!);

/** The classes of a part of the batch, int32. */
const classesOf = (labels: Tensor, begin: number, length: number): Tensor1D =>
  cast(length === labels.size ? labels : slice(labels, begin, length), 'int32') as Tensor1D;

/** What a batch of the model costs, by the shapes of what its layers give, each time that they are used. */
export function workOf({ network, gradientLength }: BuiltModel): Work {
  const shapes = network.layers
    .flatMap(({ inboundNodes }) => inboundNodes)
    .flatMap(({ outputShapes }) =>
      Array.isArray(outputShapes[0]) ? (outputShapes as Shape[]) : [outputShapes as Shape],
    );
  const elements = (shape: Shape) => shape.slice(1).reduce<number>((n, size) => n * (size ?? 1), 1);
  return {
    activations: shapes.reduce((sum, shape) => sum + elements(shape), 0),
    weights: gradientLength,
  };
}

type Shape = (number | null)[];

import type { TensorFunction } from '@lockstep/tensorflow';
import {
  add,
  argMax,
  cast,
  div,
  equal,
  keep,
  mean,
  mul,
  type NamedTensorMap,
  type Scalar,
  scalar,
  slice,
  softmax,
  stack,
  sum,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  tensor1d,
  variableGrads,
  zeros,
} from '@tensorflow/tfjs-core';
import type { BuiltModel } from '../../model/index.js';
import { variableOf } from '../tfjs/network.js';
import { sampleLosses } from './loss.js';
import { type Plan, sumOfParts, type Work } from './towers.js';

/** Names of the passes' results. */
export const gradientName = (index: number): string => `gradient${index}`;

/**
 * Forward and backward as a function of tensors.
 *
 * Takes `images` `[samples, height, width, channels]` float32 of 0 to 255, `labels` `[samples]` float32 and
 * `counter` `[2]` int32 (see Noise); and, where the batch is a part of a larger one, `weight` `[]` float32, which
 * the gradients are multiplied by. Gives `sums` `[2]`: the loss summed over the samples, with the model's
 * regularization as Keras reports it, and how many were right; and the mean gradient of each trainable
 * weight by gradientName.
 */
export function gradientPass(
  { network, variables, parameters, noise, loss }: BuiltModel,
  plan: Plan,
): TensorFunction {
  const losses = sampleLosses(loss.name);
  const trainable = variables.filter((_, i) => parameters[i]!.trainable).map(variableOf);
  return ({ images, labels, counter, weight }) => {
    const samples = images!.shape[0]!;
    const sums = sumOfParts(plan, images!, (own, { begin, end }) => {
      const classes = classesOf(labels!, begin, end - begin);
      const from = add(counter!, tensor1d([begin, 0], 'int32')) as Tensor1D;
      let logits: Tensor2D | undefined;
      const { value, grads } = variableGrads(() => {
        const output = noise.during(from, () => network.apply(scaled(own), { training: true }));
        logits = keep(output as Tensor2D);
        const average = withRegularization(network, mean(losses(logits, classes)));
        // A part counts by its samples, so that the parts' gradients add up to the batch's.
        const part = end - begin === samples ? average : mul(average, (end - begin) / samples);
        // So the scalar is multiplied, and no gradient need be.
        return (weight === undefined ? part : mul(part, weight)) as Scalar;
      }, trainable);
      const right = countRight(logits!, classes);
      logits!.dispose();
      const gradients = trainable.map(({ name, shape }, i): [string, Tensor] => [
        gradientName(i),
        grads[name] ?? zeros(shape),
      ]);
      return { loss: value, right, ...(Object.fromEntries(gradients) as NamedTensorMap) };
    });
    const { loss: weighted, right, ...gradients } = sums;
    const average = weight === undefined ? weighted : div(weighted, weight);
    return { sums: stack([mul(average, samples), right]), ...gradients };
  };
}

/** `sums` as gradientPass has them, in inference mode. */
export function evaluationPass({ network, loss }: BuiltModel, plan: Plan): TensorFunction {
  const losses = sampleLosses(loss.name);
  return ({ images, labels }) => ({
    ...sumOfParts(plan, images!, (own, { begin, end }) => {
      const classes = classesOf(labels!, begin, end - begin);
      const logits = network.apply(scaled(own), { training: false }) as Tensor2D;
      const average = withRegularization(network, mean(losses(logits, classes)));
      return { sums: stack([mul(average, classes.size), countRight(logits, classes)]) };
    }),
  });
}

/** `outputs` `[samples, classes]`: the model's last activation, in inference mode. */
export function predictionPass({ network }: BuiltModel): TensorFunction {
  return ({ images }) => ({
    outputs: softmax(network.apply(scaled(images!), { training: false }) as Tensor2D),
  });
}

/** 0..255 to 0..1. */
const scaled = (images: Tensor): Tensor => div(images, scalar(255));

const withRegularization = (network: BuiltModel['network'], average: Tensor): Scalar =>
  network.calculateLosses().reduce<Tensor>((total, each) => add(total, each), average) as Scalar;

const countRight = (logits: Tensor2D, classes: Tensor1D): Tensor =>
  sum(cast(equal(argMax(logits, -1), classes), 'float32'));

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

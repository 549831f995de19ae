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
  softmax,
  stack,
  sum,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  variableGrads,
  zeros,
} from '@tensorflow/tfjs-core';
import type { BuiltModel } from '../../model/index.js';
import { variableOf } from '../tfjs/network.js';
import { sampleLosses } from './loss.js';

/** Names of the passes' results. */
export const gradientName = (index: number): string => `gradient${index}`;

/**
 * Forward and backward as a function of tensors.
 *
 * Takes `images` `[samples, height, width, channels]` float32 of 0 to 255, `labels` `[samples]` float32 and
 * `counter` `[2]` int32 (see Noise). Gives `sums` `[2]`: the loss summed over the samples, with the model's
 * regularization as Keras reports it, and how many were right; and the mean gradient of each trainable
 * weight by gradientName.
 */
export function gradientPass({
  network,
  variables,
  parameters,
  noise,
  loss,
}: BuiltModel): TensorFunction {
  const losses = sampleLosses(loss.name);
  const trainable = variables.filter((_, i) => parameters[i]!.trainable).map(variableOf);
  return ({ images, labels, counter }) => {
    const classes = cast(labels!, 'int32') as Tensor1D;
    let logits: Tensor2D | undefined;
    const { value, grads } = variableGrads(() => {
      const output = noise.during(counter as Tensor1D, () =>
        network.apply(scaled(images!), { training: true }),
      ) as Tensor2D;
      logits = keep(output);
      return withRegularization(network, mean(losses(output, classes)));
    }, trainable);
    const right = countRight(logits!, classes);
    logits!.dispose();
    const gradients = trainable.map(({ name, shape }, i): [string, Tensor] => [
      gradientName(i),
      grads[name] ?? zeros(shape),
    ]);
    const sums = stack([mul(value, classes.size), right]);
    return { sums, ...Object.fromEntries(gradients) } as NamedTensorMap;
  };
}

/** `sums` as gradientPass has them, in inference mode. */
export function evaluationPass({ network, loss }: BuiltModel): TensorFunction {
  const losses = sampleLosses(loss.name);
  return ({ images, labels }) => {
    const classes = cast(labels!, 'int32') as Tensor1D;
    const logits = network.apply(scaled(images!), { training: false }) as Tensor2D;
    const average = withRegularization(network, mean(losses(logits, classes)));
    return { sums: stack([mul(average, classes.size), countRight(logits, classes)]) };
  };
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

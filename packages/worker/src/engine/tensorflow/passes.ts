import type { Range } from '@lockstep/core/data';
import { orderAfter, type TensorFunction } from '@lockstep/tensorflow';
import {
  add,
  addN,
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

/** Names of the passes' results. */
export const gradientName = (index: number): string => `gradient${index}`;

/** How many samples of a batch are computed where; see planTowers. */
export type Plan = (samples: number) => readonly (readonly Range[])[];

const inOnePart: Plan = (samples) => [[{ begin: 0, end: samples }]];

/**
 * Forward and backward as a function of tensors.
 *
 * Takes `images` `[samples, height, width, channels]` float32 of 0 to 255, `labels` `[samples]` float32 and
 * `counter` `[2]` int32 (see Noise). Gives `sums` `[2]`: the loss summed over the samples, with the model's
 * regularization as Keras reports it, and how many were right; and the mean gradient of each trainable
 * weight by gradientName.
 */
export function gradientPass(built: BuiltModel, plan: Plan = inOnePart): TensorFunction {
  const part = partPass(built);
  return ({ images, labels, counter }) => {
    const samples = images!.shape[0]!;
    const results = plan(samples).flatMap((tower) => {
      let before: Tensor[] = [];
      return tower.map(({ begin, end }) => {
        const length = end - begin;
        const result = part({
          images: orderAfter(slice(images!, begin, length), before),
          labels: slice(labels!, begin, length) as Tensor1D,
          counter: add(counter!, tensor1d([begin, 0], 'int32')) as Tensor1D,
          weight: length / samples,
        });
        before = [...result.gradients];
        return result;
      });
    });
    const total = (tensors: Tensor[]) => (tensors.length === 1 ? tensors[0]! : addN(tensors));
    const loss = mul(total(results.map((each) => each.loss)), samples);
    const sums = stack([loss, total(results.map(({ right }) => right))]);
    const gradients = results[0]!.gradients.map((_, i): [string, Tensor] => [
      gradientName(i),
      total(results.map((each) => each.gradients[i]!)),
    ]);
    return { sums, ...Object.fromEntries(gradients) } as NamedTensorMap;
  };
}

interface PartOfBatch {
  readonly images: Tensor;
  readonly labels: Tensor1D;
  readonly counter: Tensor1D;
  /** The part's samples by those of the batch. */
  readonly weight: number;
}

interface PartResult {
  /** The weight times the mean loss, a scalar. */
  readonly loss: Tensor;
  readonly right: Tensor;
  /** Of that loss. */
  readonly gradients: readonly Tensor[];
}

function partPass({ network, variables, parameters, noise, loss }: BuiltModel) {
  const losses = sampleLosses(loss.name);
  const trainable = variables.filter((_, i) => parameters[i]!.trainable).map(variableOf);
  return ({ images, labels, counter, weight }: PartOfBatch): PartResult => {
    const classes = cast(labels, 'int32');
    let logits: Tensor2D | undefined;
    const { value, grads } = variableGrads(() => {
      const output = noise.during(counter, () =>
        network.apply(scaled(images), { training: true }),
      ) as Tensor2D;
      logits = keep(output);
      const average = withRegularization(network, mean(losses(output, classes)));
      return weight === 1 ? average : mul(average, weight);
    }, trainable);
    const right = countRight(logits!, classes);
    logits!.dispose();
    const gradients = trainable.map(({ name, shape }) => grads[name] ?? zeros(shape));
    return { loss: value, right, gradients };
  };
}

/** The elements that a sample's forward pass makes, by the shapes of the layers' outputs. */
export function activationsOf({ network }: BuiltModel): number {
  const shapes = network.layers.flatMap(({ outputShape }) =>
    Array.isArray(outputShape[0]) ? (outputShape as Shape[]) : [outputShape as Shape],
  );
  const elements = (shape: Shape) => shape.slice(1).reduce<number>((n, size) => n * (size ?? 1), 1);
  return shapes.reduce((sum, shape) => sum + elements(shape), 0);
}

type Shape = (number | null)[];

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

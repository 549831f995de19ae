import { LockstepError } from '@lockstep/core';
import { losses, type Scalar, type Tensor2D, tensor2d } from '@tensorflow/tfjs-core';

/**
 * A loss in operations of TensorFlow.js, so that nothing leaves the GPU between forward and backward:
 * the mean over the batch, whose gradient equals that of the Loss of the same name.
 *
 * @param logits `[size, classes]`
 * @param labels `[size]`, each below `classes`
 */
export type MeanLoss = (logits: Tensor2D, labels: Uint8Array) => Scalar;

const meanLosses: Readonly<Record<string, MeanLoss>> = {
  /** Stable: log(sum exp z) with the largest z taken out; its gradient is softmax - one-hot. */
  sparse_categorical_crossentropy: (logits, labels) =>
    losses.softmaxCrossEntropy(oneHot(labels, logits.shape), logits),
};

export function meanLossByName(name: string): MeanLoss {
  const meanLoss = meanLosses[name];
  if (meanLoss !== undefined) return meanLoss;
  throw new LockstepError('USAGE', `the engine 'webgpu' has no loss '${name}'`, {
    hint: 'Use another engine for this model.',
  });
}

/** Made on the host: a few hundred numbers. */
function oneHot(labels: Uint8Array, [size, classes]: [number, number]): Tensor2D {
  const values = new Float32Array(size * classes);
  for (const [sample, label] of labels.entries()) values[sample * classes + label] = 1;
  return tensor2d(values, [size, classes]);
}

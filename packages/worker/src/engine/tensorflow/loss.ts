import { attributeType, dataType, type NodeBackend } from '@lockstep/tensorflow';
import {
  backend,
  cast,
  customGrad,
  expandDims,
  mul,
  oneHot,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
} from '@tensorflow/tfjs-core';
import type { Loss } from '../../loss/index.js';

/**
 * The loss of each sample, `[samples]` float32.
 *
 * @param scores `[samples, units]` float32
 * @param labels `[samples]` int32
 */
export type SampleLosses = (scores: Tensor2D, labels: Tensor1D) => Tensor1D;

/** By TensorFlow's own kernel where it has one. */
export function sampleLosses({ head, perSample }: Loss): SampleLosses {
  if (head === 'softmax') return sparseSoftmaxCrossEntropy;
  return (scores, labels) => perSample(scores, targetTensorOf(labels, scores.shape[1]));
}

/** `[samples, units]` float32; see targetsOf. */
export const targetTensorOf = (labels: Tensor1D, units: number): Tensor2D =>
  units === 1
    ? expandDims<Tensor2D>(cast(labels, 'float32'), 1)
    : (cast(oneHot(labels, units), 'float32') as Tensor2D);

/** Loss and slope by one kernel, which shifts the logits by their largest so that none overflows. */
function sparseSoftmaxCrossEntropy(logits: Tensor2D, labels: Tensor1D): Tensor1D {
  const losses = customGrad((given, save) => {
    const { executeMultipleOutputs } = backend() as NodeBackend;
    const types = [
      { name: 'T', type: attributeType.type, value: dataType.float32 },
      { name: 'Tlabels', type: attributeType.type, value: dataType.int32 },
    ];
    const [value, slope] = executeMultipleOutputs.call(
      backend(),
      'SparseSoftmaxCrossEntropyWithLogits',
      types,
      [given as Tensor, labels],
      2,
    ) as [Tensor, Tensor];
    (save as (tensors: Tensor[]) => void)([slope]);
    return {
      value,
      gradFunc: (dy: Tensor, saved: Tensor[]) => mul(expandDims(dy, 1), saved[0]!),
    };
  });
  return losses(logits) as Tensor1D;
}

import { LockstepError } from '@lockstep/core';
import { attributeType, dataType, type NodeBackend } from '@lockstep/tensorflow';
import {
  backend,
  customGrad,
  expandDims,
  mul,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
} from '@tensorflow/tfjs-core';

/**
 * The loss of each sample, `[samples]` float32.
 *
 * @param logits `[samples, classes]` float32
 * @param labels `[samples]` int32
 */
export type SampleLosses = (logits: Tensor2D, labels: Tensor1D) => Tensor1D;

const bySample: Readonly<Record<string, SampleLosses>> = {
  sparse_categorical_crossentropy: sparseSoftmaxCrossEntropy,
};

export function sampleLosses(name: string): SampleLosses {
  const found = bySample[name];
  if (found !== undefined) return found;
  throw new LockstepError('INTERNAL', `the engine 'tensorflow' has no loss '${name}'`);
}

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

import {
  backend,
  type GradConfig,
  getGradient,
  registerGradient,
  type Tensor,
  unregisterGradient,
} from '@tensorflow/tfjs-core';
import { attributeType, type NodeBackend } from '../backend/index.js';
import { dataType } from '../native/dataTypes.js';

/**
 * Gradients for which TensorFlow has one kernel and TensorFlow.js emits many (the mask of a relu alone is
 * five ops and a constant of the size of its input). Each is the same function of the saved output y and
 * of dy. Saving y instead of x lets the graph optimizer fuse the activation into the layer before it.
 */
const fusedGradients: readonly GradConfig[] = [
  fusedGradient('Relu', 'ReluGrad', (dy, y) => [dy, y]),
  fusedGradient('Sigmoid', 'SigmoidGrad', (dy, y) => [y, dy]),
  fusedGradient('Tanh', 'TanhGrad', (dy, y) => [y, dy]),
];

function fusedGradient(
  kernelName: string,
  op: string,
  order: (dy: Tensor, y: Tensor) => Tensor[],
): GradConfig {
  return {
    kernelName,
    outputsToSave: [true],
    gradFunc: (dy, [y]) => ({
      x: () => {
        const type = { name: 'T', type: attributeType.type, value: dataType.float32 };
        return (backend() as NodeBackend).executeSingleOutput(op, [type], order(dy as Tensor, y!));
      },
    }),
  };
}

/** While `work` runs, TensorFlow.js differentiates these kernels by the fused ops; afterwards as before. */
export function withFusedGradients<Result>(work: () => Result): Result {
  const stock = fusedGradients.map(({ kernelName }) => getGradient(kernelName));
  replace(fusedGradients);
  try {
    return work();
  } finally {
    replace(stock);
  }
}

function replace(gradients: readonly GradConfig[]): void {
  for (const gradient of gradients) {
    unregisterGradient(gradient.kernelName);
    registerGradient(gradient);
  }
}

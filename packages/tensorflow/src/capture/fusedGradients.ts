import {
  backend,
  engine,
  type GradConfig,
  getGradient,
  registerGradient,
  type Tensor,
  unregisterGradient,
} from '@tensorflow/tfjs-core';
import { attributeType, type NodeBackend } from '../backend/index.js';
import { dataType } from '../native/dataTypes.js';

type Fused = (dy: Tensor, y: Tensor) => { readonly op: string; readonly inputs: Tensor[] };

/**
 * Gradients for which TensorFlow has one kernel and TensorFlow.js emits many (the mask of a relu alone is
 * five ops and a constant of the size of its input). Each is the same function of the saved output y and
 * of dy. Saving y instead of x lets the graph optimizer fuse the activation into the layer before it.
 */
const fused: Readonly<Record<string, Fused>> = {
  Relu: (dy, y) => ({ op: 'ReluGrad', inputs: [dy, y] }),
  Sigmoid: (dy, y) => ({ op: 'SigmoidGrad', inputs: [y, dy] }),
  Tanh: (dy, y) => ({ op: 'TanhGrad', inputs: [y, dy] }),
};

/** While `work` runs, TensorFlow.js differentiates these kernels by the fused ops; afterwards as before. */
export function withFusedGradients<Result>(work: () => Result): Result {
  const stock = Object.keys(fused).map(getGradient);
  replace(stock.map(fusedGradient));
  try {
    return work();
  } finally {
    replace(stock);
  }
}

/**
 * TensorFlow.js records what a gradient is made of where it is itself differentiated, and would not see a
 * fused op there: then it is the stock one's turn. That of relu is as right with y as it is with x, which
 * are above 0 together.
 */
function fusedGradient(stock: GradConfig): GradConfig {
  const { kernelName } = stock;
  return {
    kernelName,
    outputsToSave: [true],
    gradFunc: (dy, saved, attributes) => {
      if (engine().state.gradientDepth > 0) return stock.gradFunc(dy, saved, attributes);
      const { op, inputs } = fused[kernelName]!(dy as Tensor, saved[0]!);
      const type = { name: 'T', type: attributeType.type, value: dataType.float32 };
      return { x: () => (backend() as NodeBackend).executeSingleOutput(op, [type], inputs) };
    },
  };
}

function replace(gradients: readonly GradConfig[]): void {
  for (const gradient of gradients) {
    unregisterGradient(gradient.kernelName);
    registerGradient(gradient);
  }
}

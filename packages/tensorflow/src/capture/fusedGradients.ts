import {
  backend,
  engine,
  type GradConfig,
  getGradient,
  type NamedAttrMap,
  registerGradient,
  type Tensor,
  unregisterGradient,
} from '@tensorflow/tfjs-core';
import { attributeType, type NodeBackend, type OpAttribute } from '../backend/index.js';
import { dataType } from '../native/dataTypes.js';

interface Fused {
  readonly op: string;
  readonly inputs: Tensor[];
  readonly attributes?: readonly OpAttribute[];
}

/** null: not for these attributes. */
type Fuse = (dy: Tensor, y: Tensor, attributes: NamedAttrMap) => Fused | null;

/**
 * Gradients for which TensorFlow has one kernel and TensorFlow.js emits many (the mask of a relu alone is
 * five ops and a constant of the size of its input). Each is the same function of the saved output y and
 * of dy. That nothing else uses x lets the graph optimizer fuse the activation into the layer before it; where
 * a leaky relu's x is used, it tries that all the same, and fails (2.21.0).
 */
const fused: Readonly<Record<string, Fuse>> = {
  LeakyRelu: (dy, y, { alpha }) => {
    // Below 0, y is above 0 where x is not.
    if (typeof alpha !== 'number' || alpha < 0) return null;
    const attributes = [{ name: 'alpha', type: attributeType.float, value: alpha }];
    return { op: 'LeakyReluGrad', inputs: [dy, y], attributes };
  },
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
 * The stock one is left what it saves: it takes its turn where its own gradient is asked for, of which
 * TensorFlow.js must see all ops.
 */
function fusedGradient(stock: GradConfig): GradConfig {
  const { kernelName, inputsToSave = [] } = stock;
  return {
    kernelName,
    inputsToSave,
    outputsToSave: [true],
    gradFunc: (dy, saved, given) => {
      const isDifferentiated = engine().state.gradientDepth > 0;
      const found = isDifferentiated
        ? null
        : fused[kernelName]!(dy as Tensor, saved.at(-1)!, given);
      if (found === null) return stock.gradFunc(dy, saved, given);
      const { op, inputs, attributes = [] } = found;
      const type = { name: 'T', type: attributeType.type, value: dataType.float32 };
      const all = [type, ...attributes];
      return { x: () => (backend() as NodeBackend).executeSingleOutput(op, all, inputs) };
    },
  };
}

function replace(gradients: readonly GradConfig[]): void {
  for (const gradient of gradients) {
    unregisterGradient(gradient.kernelName);
    registerGradient(gradient);
  }
}

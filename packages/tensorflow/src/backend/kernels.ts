import {
  getKernel,
  type KernelConfig,
  type KernelFunc,
  registerKernel,
  scalar,
  type Tensor,
  type TensorInfo,
  tidy,
  unregisterKernel,
} from '@tensorflow/tfjs-core';
import { dataType } from '../native/dataTypes.js';
import { attributeType, type OpAttribute } from './attributes.js';
import type { NodeBackend } from './nodeKernels.js';

const backendName = 'tensorflow';

/**
 * Puts kernels of ours in the place of some of tfjs-node-gpu's, which must be registered already. Each says
 * what is wrong with the one it replaces.
 */
export function improveKernels(): void {
  for (const kernel of [step, round, concatenation(stockKernel('Concat'))]) {
    unregisterKernel(kernel.kernelName, backendName);
    registerKernel(kernel);
  }
}

/** `x > 0 ? 1 : alpha`, NaN where x is NaN. Stock makes an array of ones of the size of x on the host. */
const step: KernelConfig = {
  kernelName: 'Step',
  backendName,
  kernelFunc: ({ inputs, backend, attrs }) => {
    const x = inputs.x as TensorInfo;
    const run = (op: string, attributes: OpAttribute[], given: TensorInfo[]): Tensor =>
      (backend as NodeBackend).executeSingleOutput(op, attributes, given);
    return tidy(() => {
      const type = typeAttribute(x);
      const constant = (value: number) => scalar(value, x.dtype);
      const isPositive = run('Greater', [type], [x, constant(0)]);
      const alpha = constant(attrs?.alpha as number);
      const stepped = run('SelectV2', [type], [isPositive, constant(1), alpha]);
      if (x.dtype !== 'float32') return stepped;
      return run('SelectV2', [type], [run('IsNan', [type], [x]), x, stepped]);
    });
  },
};

/** Whole numbers as they are: TensorFlow 2.21 rounds int32 to zeros on CPUs. */
const round: KernelConfig = {
  kernelName: 'Round',
  backendName,
  kernelFunc: ({ inputs, backend }) => {
    const x = inputs.x as TensorInfo;
    if (x.dtype !== 'int32') {
      return (backend as NodeBackend).executeSingleOutput('Round', [typeAttribute(x)], [x]);
    }
    (backend as NodeBackend).incRef(x.dataId);
    return { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
  },
};

/** Scalars side by side make a vector: TensorFlow's op did so once, and the histograms of stock rely on it. */
const concatenation = (stock: KernelFunc): KernelConfig => ({
  kernelName: 'Concat',
  backendName,
  kernelFunc: (given) => {
    const inputs = Object.values(given.inputs) as TensorInfo[];
    const [first] = inputs;
    if (first === undefined || inputs.some(({ shape }) => shape.length > 0)) return stock(given);
    const count = { name: 'N', type: attributeType.int, value: inputs.length };
    return (given.backend as NodeBackend).executeSingleOutput(
      'Pack',
      [count, typeAttribute(first)],
      inputs,
    );
  },
});

function stockKernel(name: string): KernelFunc {
  return (getKernel(name, backendName) as KernelConfig).kernelFunc;
}

const typeCodes = {
  float32: dataType.float32,
  int32: dataType.int32,
  bool: dataType.bool,
  complex64: dataType.complex64,
  string: dataType.string,
} as const;

const typeAttribute = ({ dtype }: TensorInfo): OpAttribute => ({
  name: 'T',
  type: attributeType.type,
  value: typeCodes[dtype],
});

import {
  attributeType,
  dataType,
  type NodeBackend,
  type TensorMetadata,
} from '@lockstep/tensorflow';
import { getKernel, registerKernel, type TensorInfo, util } from '@tensorflow/tfjs-core';
import {
  groupsPerSample,
  UniformBySample,
  type UniformBySampleAttributes,
  type UniformBySampleInputs,
} from '../../noise/index.js';

type Binding = NodeBackend['binding'];
type Values = Parameters<Binding['createTensor']>[2];

/** `alg` of StatelessRandomUniformV2: `Algorithm` of tensorflow/core/framework/rng_alg.h. */
const philox = 1;

/**
 * Gives the backend `tensorflow` the kernel that draws dropout's masks, made of ops of TensorFlow: recorded
 * while a function is captured, it draws anew from the graph's own counter in each run.
 */
export function registerUniformKernel(): void {
  if (getKernel(UniformBySample, 'tensorflow') !== undefined) return;
  registerKernel({
    kernelName: UniformBySample,
    backendName: 'tensorflow',
    kernelFunc: ({ inputs, attrs, backend }) =>
      draw(
        inputs as unknown as UniformBySampleInputs,
        attrs as unknown as UniformBySampleAttributes,
        backend as NodeBackend,
      ),
  });
}

function draw(
  { counter }: UniformBySampleInputs,
  { key: [low, high], shape }: UniformBySampleAttributes,
  backend: NodeBackend,
): TensorInfo {
  const ops = new Ops(backend.binding);
  try {
    const [given] = backend.getInputTensorIds([counter]);
    const key = (BigInt(high) << 32n) | BigInt(low);
    const result = uniforms(ops, given!, key, shape);
    return backend.createOutputTensor(ops.take(result));
  } finally {
    ops.dispose();
  }
}

function uniforms(ops: Ops, counter: number, key: bigint, shape: readonly number[]): number {
  const { float32, int32, uint64 } = dataType;
  const [samples, ...rest] = shape;
  const sampleSize = util.sizeFromShape(rest);
  const groups = groupsPerSample(sampleSize);
  const isWhole = 4 * groups === sampleSize;
  const drawn = ops.run('StatelessRandomUniformV2', { dtype: float32, Tshape: int32 }, [
    ops.int32(isWhole ? shape : [samples!, 4 * groups]),
    ops.constant([1], uint64, BigUint64Array.of(key)),
    firstCounter(ops, counter, groups),
    ops.constant([], int32, Int32Array.of(philox)),
  ]);
  if (isWhole) return drawn;
  // Of the last group of a sample not all is used.
  const size = ops.int32([samples!, sampleSize]);
  const cut = ops.run('Slice', { T: float32, Index: int32 }, [drawn, ops.int32([0, 0]), size]);
  return ops.run('Reshape', { T: float32, Tshape: int32 }, [cut, ops.int32(shape)]);
}

/** `[position * groups, step]` as uint64, as TensorFlow's Philox takes it; from int32, which TensorFlow.js has. */
function firstCounter(ops: Ops, counter: number, groups: number): number {
  const { int32, int64, uint64 } = dataType;
  const wide = ops.run('Cast', { SrcT: int32, DstT: int64 }, [counter]);
  const factors = ops.constant([2], int64, BigInt64Array.of(BigInt(groups), 1n));
  const scaled = ops.run('Mul', { T: int64 }, [wide, factors]);
  return ops.run('Bitcast', { T: int64, type: uint64 }, [scaled]);
}

/**
 * Ops on the binding's own tensors, known by their ids: TensorFlow.js has neither int64 nor uint64, so that
 * these cannot be tensors of its own.
 */
class Ops {
  readonly #made = new Map<number, TensorMetadata | null>();

  constructor(private readonly binding: Binding) {}

  constant(shape: readonly number[], type: number, values: Values): number {
    const id = this.binding.createTensor(shape, type, values);
    this.#made.set(id, null);
    return id;
  }

  int32(values: readonly number[]): number {
    return this.constant([values.length], dataType.int32, Int32Array.from(values));
  }

  /** An op with one output, and with no attributes but types. */
  run(name: string, types: Readonly<Record<string, number>>, inputs: readonly number[]): number {
    const attributes = Object.entries(types).map(([each, value]) => {
      return { name: each, type: attributeType.type, value };
    });
    const [output] = this.binding.executeOp(name, attributes, inputs, 1);
    this.#made.set(output!.id, output!);
    return output!.id;
  }

  /** Gives an op's output away. */
  take(id: number): TensorMetadata {
    const output = this.#made.get(id)!;
    this.#made.delete(id);
    return output;
  }

  /** Deletes everything that was not given away. */
  dispose(): void {
    for (const id of this.#made.keys()) this.binding.deleteTensor(id);
    this.#made.clear();
  }
}

import {
  engine,
  getKernel,
  type KernelBackend,
  type NamedAttrMap,
  registerKernel,
  type Tensor,
  type Tensor1D,
  type TensorInfo,
  util,
} from '@tensorflow/tfjs-core';
import type { Words } from './philox.js';
import { fillUniforms } from './uniforms.js';

/** The name of a TensorFlow.js kernel of our own; each backend of an engine has an implementation. */
export const UniformBySample = 'LockstepUniformBySample';

/** The kernel's inputs. */
export interface UniformBySampleInputs {
  /** `[position of the first sample, step]`, int32. */
  readonly counter: TensorInfo;
}

/** The kernel's attributes. */
export interface UniformBySampleAttributes {
  /** Low word, high word. */
  readonly key: readonly [number, number];
  /** `[samples, ...]`, of the float32 result. */
  readonly shape: readonly number[];
}

/**
 * Uniform draws of [0, 1) for samples that follow each other: see fillUniforms. The counter is a tensor, so
 * that a captured graph can take it as an input and draw anew in each run. No gradient flows through it.
 *
 * @param counter `[position of the first sample, step]`, int32
 * @param shape `[samples, ...]`
 */
export function uniformBySample(counter: Tensor1D, key: Words, shape: readonly number[]): Tensor {
  const attributes: NamedAttrMap = { key: [key.low, key.high], shape: [...shape] };
  return engine().runKernel(UniformBySample, { counter }, attributes);
}

/**
 * Gives a backend the kernel in JavaScript; again and again is the same as once.
 *
 * @param backendName of a backend that reads and writes tensors at once: cpu, wasm
 */
export function registerUniformBySample(backendName: string): void {
  if (getKernel(UniformBySample, backendName) !== undefined) return;
  registerKernel({
    kernelName: UniformBySample,
    backendName,
    kernelFunc: ({ inputs, attrs, backend }) =>
      draw(
        inputs as unknown as UniformBySampleInputs,
        attrs as unknown as UniformBySampleAttributes,
        backend as KernelBackend,
      ),
  });
}

function draw(
  { counter }: UniformBySampleInputs,
  { key: [low, high], shape }: UniformBySampleAttributes,
  backend: KernelBackend,
): TensorInfo {
  const [position, step] = backend.readSync(counter.dataId) as Int32Array;
  const draws = new Float32Array(util.sizeFromShape([...shape]));
  fillUniforms(draws, util.sizeFromShape(shape.slice(1)), { low, high }, position!, step!);
  const dataId = backend.write(draws, [...shape], 'float32');
  return { dataId, shape: [...shape], dtype: 'float32' };
}

/**
 * Small helpers shared by the training kernels of the wasm backend.
 *
 * A kernel here works on `TensorInfo`s (data id, shape, type), not on tensors: it runs below the
 * gradient tape and `tf.tidy`, so every intermediate result must be released by hand with
 * `backend.disposeData`.
 */

import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import {
  getKernel,
  type KernelFunc,
  type NamedAttrMap,
  type NamedTensorInfoMap,
  registerKernel,
  type TensorInfo,
  unregisterKernel,
} from '@tensorflow/tfjs-core';

export const WASM = 'wasm';

/** The elements of a float32 tensor, as a live view of the wasm heap.
 *
 * Take the view after the last allocation: an allocation may grow the heap, which detaches every
 * older view.
 */
export function floatsOf(backend: BackendWasm, info: TensorInfo): Float32Array {
  if (info.dtype !== 'float32') {
    throw new Error(`wasm training kernels need float32 tensors, got ${info.dtype}.`);
  }
  return backend.typedArrayFromHeap(info) as Float32Array;
}

/** A second reference to the same elements under another shape; costs no copy.
 *
 * The caller disposes of it like of any other result.
 */
export function aliasOf(backend: BackendWasm, info: TensorInfo, shape = info.shape): TensorInfo {
  backend.incRef(info.dataId);
  return { dataId: info.dataId, shape, dtype: info.dtype };
}

/** Runs the registered wasm kernel of this name, which must give a single tensor. */
export function runWasmKernel(
  name: string,
  backend: BackendWasm,
  inputs: NamedTensorInfoMap,
  attrs: NamedAttrMap = {},
): TensorInfo {
  const kernel = getKernel(name, WASM);
  if (kernel === undefined) {
    throw new Error(`The wasm backend has no kernel '${name}'.`);
  }
  return kernel.kernelFunc({ inputs, backend, attrs }) as TensorInfo;
}

/** Replaces a stock wasm kernel; `wrap` gets the stock function to fall back on. */
export function replaceKernel(name: string, wrap: (stock: KernelFunc) => KernelFunc): void {
  const stock = getKernel(name, WASM);
  if (stock === undefined) {
    throw new Error(`The wasm backend has no kernel '${name}' to replace.`);
  }
  unregisterKernel(name, WASM);
  // The stock set-up function binds the compiled code when the backend starts: it must stay.
  registerKernel({ ...stock, kernelFunc: wrap(stock.kernelFunc) });
}

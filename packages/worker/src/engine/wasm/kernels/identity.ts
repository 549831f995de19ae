/**
 * Identity and Cast for the wasm backend, without copying.
 *
 * The tape of tfjs clones every tensor that a gradient will need, and the gradient of relu casts
 * float32 to float32; the stock kernels copy all elements for that. Tensors never change, so a
 * second reference to the same elements does, as in the cpu backend. It also lets clones of a
 * matrix share one packed copy in XNNPACK's cache.
 */

import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { Cast, type CastAttrs, Identity, type TensorInfo } from '@tensorflow/tfjs-core';
import { aliasOf, replaceKernel } from './wasmKernels.js';

export function registerIdentity(): void {
  replaceKernel(
    Identity,
    () =>
      ({ inputs, backend }) =>
        aliasOf(backend as BackendWasm, inputs.x as TensorInfo),
  );
  replaceKernel(Cast, (stock) => (parameters) => {
    const x = parameters.inputs.x as TensorInfo;
    const { dtype } = parameters.attrs as unknown as CastAttrs;
    return x.dtype === dtype ? aliasOf(parameters.backend as BackendWasm, x) : stock(parameters);
  });
}

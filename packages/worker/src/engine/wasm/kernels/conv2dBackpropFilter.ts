/**
 * Conv2DBackpropFilter for the wasm backend, which has no such kernel: the gradient of a 2D
 * convolution with respect to its filter.
 *
 * Shapes: input x [batch, inHeight, inWidth, inChannels], output gradient dy [batch, outHeight,
 * outWidth, outChannels], result [filterHeight, filterWidth, inChannels, outChannels]. With every
 * filter window of x laid out as one row ("im2col"), windows [positions, window] and dy as
 * [positions, outChannels], the result is windowsᵀ·dy: one matrix product.
 *
 * The batch is worked through a few images at a time: the windows stay in the processor's cache,
 * the scratch memory stays small, and partial sums keep the rounding error of the long sum low.
 *
 * Strides and paddings are general; dilations cannot reach this kernel (tfjs rejects the gradient
 * of a dilated convolution itself); the layout must be NHWC.
 */

import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import {
  BatchMatMul,
  backend_util,
  Conv2DBackpropFilter,
  type Conv2DBackpropFilterAttrs,
  registerKernel,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { gatherWindows, windowsOf } from './conv2dWindows.js';
import { floatsOf, runWasmKernel, WASM } from './wasmKernels.js';

export function registerConv2dBackpropFilter(): void {
  registerKernel({
    kernelName: Conv2DBackpropFilter,
    backendName: WASM,
    kernelFunc: ({ inputs, attrs, backend }) =>
      conv2dBackpropFilter(
        backend as BackendWasm,
        inputs.x as TensorInfo,
        inputs.dy as TensorInfo,
        attrs as unknown as Conv2DBackpropFilterAttrs,
      ),
  });
}

function conv2dBackpropFilter(
  backend: BackendWasm,
  x: TensorInfo,
  dy: TensorInfo,
  attrs: Conv2DBackpropFilterAttrs,
): TensorInfo {
  if (attrs.dataFormat !== 'NHWC') {
    throw new Error(`Conv2DBackpropFilter on wasm needs layout NHWC, got ${attrs.dataFormat}.`);
  }
  const geometry = backend_util.computeConv2DInfo(
    x.shape as [number, number, number, number],
    attrs.filterShape,
    attrs.strides,
    1,
    attrs.pad,
    attrs.dimRoundingMode,
  );
  const { batchSize, outChannels } = geometry;
  const { windowSize, positionsPerImage, imagesPerRound } = windowsOf(geometry);
  const filterGradient = backend.makeOutput(attrs.filterShape, 'float32');
  floatsOf(backend, filterGradient).fill(0);
  for (let firstImage = 0; firstImage < batchSize; firstImage += imagesPerRound) {
    const images = Math.min(imagesPerRound, batchSize - firstImage);
    const positions = images * positionsPerImage;
    const windows = backend.makeOutput([positions, windowSize], 'float32');
    const dyPart = backend.makeOutput([positions, outChannels], 'float32');
    gatherWindows(floatsOf(backend, x), floatsOf(backend, windows), geometry, firstImage, images);
    const firstElement = firstImage * positionsPerImage * outChannels;
    floatsOf(backend, dyPart).set(
      floatsOf(backend, dy).subarray(firstElement, firstElement + positions * outChannels),
    );
    const part = runWasmKernel(
      BatchMatMul,
      backend,
      { a: windows, b: dyPart },
      { transposeA: true, transposeB: false },
    );
    const sum = floatsOf(backend, filterGradient);
    const addend = floatsOf(backend, part);
    for (let i = 0; i < sum.length; i++) {
      sum[i]! += addend[i]!;
    }
    for (const intermediate of [windows, dyPart, part]) {
      backend.disposeData(intermediate.dataId);
    }
  }
  return filterGradient;
}

/**
 * Conv2DBackpropInput for the wasm backend: the gradient of a 2D convolution with respect to its
 * input, several times as fast as the stock kernel's scalar loops.
 *
 * Shapes: output gradient dy [batch, outHeight, outWidth, outChannels], filter [filterHeight,
 * filterWidth, inChannels, outChannels], result [batch, inHeight, inWidth, inChannels]. The
 * gradient of every filter window is a row of dy·filterᵀ, [positions, windowSize]; these rows are
 * added up where the windows lie in the input. The first layer of a model never needs this kernel.
 *
 * Strides and paddings are general; dilations cannot reach this kernel (tfjs rejects the gradient
 * of a dilated convolution itself); the layout must be NHWC.
 */

import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import {
  BatchMatMul,
  backend_util,
  Conv2DBackpropInput,
  type Conv2DBackpropInputAttrs,
  type TensorInfo,
  Transpose,
} from '@tensorflow/tfjs-core';
import { scatterWindows, windowsOf } from './conv2dWindows.js';
import { floatsOf, replaceKernel, runWasmKernel } from './wasmKernels.js';

export function registerConv2dBackpropInput(): void {
  replaceKernel(
    Conv2DBackpropInput,
    () =>
      ({ inputs, attrs, backend }) =>
        conv2dBackpropInput(
          backend as BackendWasm,
          inputs.dy as TensorInfo,
          inputs.filter as TensorInfo,
          attrs as unknown as Conv2DBackpropInputAttrs,
        ),
  );
}

function conv2dBackpropInput(
  backend: BackendWasm,
  dy: TensorInfo,
  filter: TensorInfo,
  attrs: Conv2DBackpropInputAttrs,
): TensorInfo {
  if (attrs.dataFormat !== 'NHWC') {
    throw new Error(`Conv2DBackpropInput on wasm needs layout NHWC, got ${attrs.dataFormat}.`);
  }
  const geometry = backend_util.computeConv2DInfo(
    attrs.inputShape,
    filter.shape as [number, number, number, number],
    attrs.strides,
    1,
    attrs.pad,
    attrs.dimRoundingMode,
  );
  const { batchSize, outChannels } = geometry;
  const { windowSize, positionsPerImage, imagesPerRound } = windowsOf(geometry);
  const inputGradient = backend.makeOutput(attrs.inputShape, 'float32');
  floatsOf(backend, inputGradient).fill(0);
  // Transposed once for all rounds, which then also share its packed form in XNNPACK's cache.
  const transposedFilter = runWasmKernel(
    Transpose,
    backend,
    { x: { dataId: filter.dataId, shape: [windowSize, outChannels], dtype: filter.dtype } },
    { perm: [1, 0] },
  );
  for (let firstImage = 0; firstImage < batchSize; firstImage += imagesPerRound) {
    const images = Math.min(imagesPerRound, batchSize - firstImage);
    const positions = images * positionsPerImage;
    const dyPart = backend.makeOutput([positions, outChannels], 'float32');
    const firstElement = firstImage * positionsPerImage * outChannels;
    floatsOf(backend, dyPart).set(
      floatsOf(backend, dy).subarray(firstElement, firstElement + positions * outChannels),
    );
    const windows = runWasmKernel(
      BatchMatMul,
      backend,
      { a: dyPart, b: transposedFilter },
      { transposeA: false, transposeB: false },
    );
    scatterWindows(
      floatsOf(backend, windows),
      floatsOf(backend, inputGradient),
      geometry,
      firstImage,
      images,
    );
    backend.disposeData(dyPart.dataId);
    backend.disposeData(windows.dataId);
  }
  backend.disposeData(transposedFilter.dataId);
  return inputGradient;
}

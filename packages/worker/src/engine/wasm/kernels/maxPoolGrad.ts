/**
 * MaxPoolGrad for the wasm backend: the gradient of 2D max pooling, several times as fast as the
 * stock kernel.
 *
 * Shapes: input [batch, inHeight, inWidth, channels], output and its gradient dy [batch,
 * outHeight, outWidth, channels], result like input. The gradient of each output element goes to
 * the first input element (row by row) of its window that equals the output, as in the cpu
 * backend. Windows may overlap; strides and paddings are general.
 */

import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import {
  backend_util,
  MaxPoolGrad,
  type MaxPoolGradAttrs,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { floatsOf, replaceKernel } from './wasmKernels.js';

type Shape4D = [number, number, number, number];

export function registerMaxPoolGrad(): void {
  replaceKernel(
    MaxPoolGrad,
    () =>
      ({ inputs, attrs, backend }) =>
        maxPoolGrad(
          backend as BackendWasm,
          inputs.input as TensorInfo,
          inputs.output as TensorInfo,
          inputs.dy as TensorInfo,
          attrs as unknown as MaxPoolGradAttrs,
        ),
  );
}

function maxPoolGrad(
  backend: BackendWasm,
  input: TensorInfo,
  output: TensorInfo,
  dy: TensorInfo,
  attrs: MaxPoolGradAttrs,
): TensorInfo {
  const { filterSize, strides, pad, dimRoundingMode } = attrs;
  const shape = input.shape as Shape4D;
  const geometry = backend_util.computePool2DInfo(
    shape,
    filterSize,
    strides,
    1,
    pad,
    dimRoundingMode,
  );
  const inputGradient = backend.makeOutput(input.shape, 'float32');
  scatter(
    floatsOf(backend, input),
    floatsOf(backend, output),
    floatsOf(backend, dy),
    floatsOf(backend, inputGradient).fill(0),
    geometry,
  );
  return inputGradient;
}

function scatter(
  x: Float32Array,
  y: Float32Array,
  dy: Float32Array,
  dx: Float32Array,
  geometry: backend_util.Conv2DInfo,
): void {
  const { batchSize, inHeight, inWidth, outHeight, outWidth, strideHeight, strideWidth } = geometry;
  const { filterHeight, filterWidth, padInfo } = geometry;
  const channels = geometry.inChannels;
  // Where in the input each element of the window at hand starts; the last row first.
  const starts = new Int32Array(filterHeight * filterWidth);
  let outIndex = 0;
  for (let image = 0; image < batchSize; image++) {
    for (let outRow = 0; outRow < outHeight; outRow++) {
      const top = outRow * strideHeight - padInfo.top;
      const firstRow = Math.max(0, top);
      const lastRow = Math.min(inHeight, top + filterHeight) - 1;
      for (let outColumn = 0; outColumn < outWidth; outColumn++) {
        const left = outColumn * strideWidth - padInfo.left;
        const firstColumn = Math.max(0, left);
        const lastColumn = Math.min(inWidth, left + filterWidth) - 1;
        let count = 0;
        for (let row = lastRow; row >= firstRow; row--) {
          for (let column = lastColumn; column >= firstColumn; column--) {
            starts[count++] = ((image * inHeight + row) * inWidth + column) * channels;
          }
        }
        for (let channel = 0; channel < channels; channel++) {
          const maximum = y[outIndex];
          let winner = -1;
          for (let position = 0; position < count; position++) {
            // A bit mask, not a branch: which element wins is random, so a branch would often be
            // mispredicted. The order is backwards, so that the first of equals stays.
            const index = starts[position]! + channel;
            winner ^= (winner ^ index) & -Number(x[index] === maximum);
          }
          // Only a window of NaNs has no winner.
          if (winner >= 0) {
            dx[winner]! += dy[outIndex]!;
          }
          outIndex++;
        }
      }
    }
  }
}

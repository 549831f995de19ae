/**
 * Sum for the wasm backend: sums over leading axes, as in the gradient of a bias.
 *
 * The stock kernel transposes the whole tensor first, to sum along the last axis. A sum over the
 * leading axes of x [..., columns] is a sum of the rows of a matrix [rows, columns] and needs no
 * transpose. Sums are kept in double precision. Everything else goes to the stock kernel.
 */

import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { backend_util, Sum, type SumAttrs, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { floatsOf, replaceKernel } from './wasmKernels.js';

export function registerSum(): void {
  replaceKernel(Sum, (stock) => (parameters) => {
    const x = parameters.inputs.x as TensorInfo;
    const backend = parameters.backend as BackendWasm;
    const { axis, keepDims } = parameters.attrs as unknown as SumAttrs;
    const axes = util.parseAxisParam(axis, x.shape).sort((one, other) => one - other);
    const isLeading = axes.every((value, position) => value === position);
    const isOfRows = isLeading && axes.length > 0 && axes.length < x.shape.length;
    if (x.dtype !== 'float32' || !isOfRows) {
      return stock(parameters);
    }
    const kept = x.shape.slice(axes.length);
    const sums = backend.makeOutput(kept, 'float32');
    sumRows(floatsOf(backend, x), floatsOf(backend, sums));
    if (keepDims) {
      sums.shape = backend_util.expandShapeToKeepDim(kept, axes);
    }
    return sums;
  });
}

function sumRows(x: Float32Array, sums: Float32Array): void {
  const columns = sums.length;
  const totals = new Float64Array(columns);
  const endOfFours = x.length - (x.length % (4 * columns || 1));
  let start = 0;
  // Four rows at a time: a quarter of the loads and stores of the totals.
  for (; start < endOfFours; start += 4 * columns) {
    for (let column = 0; column < columns; column++) {
      const index = start + column;
      totals[column]! +=
        x[index]! + x[index + columns]! + (x[index + 2 * columns]! + x[index + 3 * columns]!);
    }
  }
  for (; start < x.length; start += columns) {
    for (let column = 0; column < columns; column++) {
      totals[column]! += x[start + column]!;
    }
  }
  sums.set(totals);
}

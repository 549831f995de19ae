/**
 * BatchMatMul for the wasm backend: matrix products in the form that XNNPACK runs fast.
 *
 * The stock kernel uses XNNPACK only for a plain product a·b of single matrices; as soon as one of
 * them is to be read transposed (both products of the backward pass of a dense layer) it falls
 * back on scalar loops, ten times slower. It also copies ("packs") the right-hand matrix into
 * XNNPACK's own layout, element by element, whenever that matrix is a new tensor, as weights are
 * in every training step.
 *
 * So a product C = A·B of single matrices, A [m, k] and B [k, n] (each perhaps stored transposed),
 * is computed here either directly or as Cᵀ = Bᵀ·Aᵀ, whichever moves less data for explicit
 * transposes and for packing. Everything else goes to the stock kernel.
 */

import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import {
  BatchMatMul,
  type BatchMatMulAttrs,
  type KernelFunc,
  type TensorInfo,
  Transpose,
  util,
} from '@tensorflow/tfjs-core';
import { aliasOf, replaceKernel, runWasmKernel } from './wasmKernels.js';

/** Packing an element costs about as much as transposing this many (measured, Node 20, x86). */
const PACKING_COST = 3;

/** Below this many multiplications the stock loops beat the setting up of an XNNPACK operator. */
const SMALLEST_PRODUCT = 16_384;

type Matrix = [rows: number, columns: number];

export function registerBatchMatMul(): void {
  replaceKernel(BatchMatMul, (stock) => (parameters) => {
    const { a, b } = parameters.inputs as { a: TensorInfo; b: TensorInfo };
    const attrs = parameters.attrs as unknown as BatchMatMulAttrs;
    const backend = parameters.backend as BackendWasm;
    const [rowsA, columnsA] = a.shape.slice(-2) as Matrix;
    const [rowsB, columnsB] = b.shape.slice(-2) as Matrix;
    const m = attrs.transposeA ? columnsA : rowsA;
    const k = attrs.transposeA ? rowsA : columnsA;
    const n = attrs.transposeB ? rowsB : columnsB;
    const innerOfB = attrs.transposeB ? columnsB : rowsB;
    const isPlain =
      a.dtype === 'float32' &&
      b.dtype === 'float32' &&
      util.sizeFromShape(a.shape) === m * k &&
      util.sizeFromShape(b.shape) === k * n &&
      innerOfB === k;
    if (!isPlain || m * n * k < SMALLEST_PRODUCT) {
      return stock(parameters);
    }
    const left = { dataId: a.dataId, shape: [rowsA, columnsA], dtype: a.dtype };
    const right = { dataId: b.dataId, shape: [rowsB, columnsB], dtype: b.dtype };
    const product = multiply(stock, backend, left, right, attrs.transposeA, attrs.transposeB);
    const batchRank = Math.max(a.shape.length, b.shape.length) - 2;
    product.shape = [...new Array<number>(batchRank).fill(1), m, n];
    return product;
  });
}

function multiply(
  stock: KernelFunc,
  backend: BackendWasm,
  a: TensorInfo,
  b: TensorInfo,
  transposeA: boolean,
  transposeB: boolean,
): TensorInfo {
  const sizeA = util.sizeFromShape(a.shape);
  const sizeB = util.sizeFromShape(b.shape);
  const m = a.shape[transposeA ? 1 : 0]!;
  const n = b.shape[transposeB ? 0 : 1]!;
  const directCost = (transposeA ? sizeA : 0) + (transposeB ? sizeB : 0) + PACKING_COST * sizeB;
  const swappedCost =
    (transposeA ? 0 : sizeA) + (transposeB ? 0 : sizeB) + PACKING_COST * sizeA + m * n;
  if (directCost <= swappedCost) {
    return plainProduct(stock, backend, a, b, transposeA, transposeB);
  }
  const transposed = plainProduct(stock, backend, b, a, !transposeB, !transposeA);
  const product = transpose(backend, transposed);
  backend.disposeData(transposed.dataId);
  return product;
}

/** The product with its transposes made explicit, as XNNPACK needs it. */
function plainProduct(
  stock: KernelFunc,
  backend: BackendWasm,
  left: TensorInfo,
  right: TensorInfo,
  transposeLeft: boolean,
  transposeRight: boolean,
): TensorInfo {
  const a = transposeLeft ? transpose(backend, left) : aliasOf(backend, left);
  const b = transposeRight ? transpose(backend, right) : aliasOf(backend, right);
  const product = stock({
    inputs: { a, b },
    backend,
    attrs: { transposeA: false, transposeB: false },
  }) as TensorInfo;
  backend.disposeData(a.dataId);
  backend.disposeData(b.dataId);
  return product;
}

function transpose(backend: BackendWasm, matrix: TensorInfo): TensorInfo {
  return runWasmKernel(Transpose, backend, { x: matrix }, { perm: [1, 0] });
}

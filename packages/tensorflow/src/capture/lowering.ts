import type { Attribute, Attributes } from '../graph/attributes.js';
import type { Output } from '../graph/graph.js';
import { dataType } from '../native/dataTypes.js';

/** An op as TensorFlow.js's kernels ask for it. */
export interface Call {
  readonly name: string;
  readonly attributes: Attributes;
  readonly inputs: readonly Output[];
}

/** The values of a small int32 input that is known while capturing, such as the axes of a sum. */
export type KnownValues = (input: number) => readonly number[] | null;

/** Adds the transposed matrix to the graph. */
export type Transpose = (matrix: Output) => Output;

/**
 * The op that TensorFlow's own Python layers would use in place of the general one that TensorFlow.js
 * emits: the same numbers (up to the order of additions), by kernels that are faster and that the graph
 * optimizer fuses with their neighbours.
 */
export function lower(call: Call, known: KnownValues, transpose: Transpose): Call {
  switch (call.name) {
    case 'AddV2':
    case 'Add':
      return biasAdd(call);
    case 'Sum':
      return biasAddGrad(call, known);
    case 'BatchMatMulV2':
      return matMul(call, transpose);
    default:
      return call;
  }
}

export const isTrue = (attribute: Attribute | undefined): boolean =>
  attribute !== undefined && 'bool' in attribute && attribute.bool;

export const isFloat = ({ type }: Output): boolean =>
  type === dataType.float32 || type === dataType.bfloat16;

/** The kernel of BiasAdd has no more. */
const mostDimensions = 5;

/** x + b with b along the last dimension. */
function biasAdd(call: Call): Call {
  const [x, bias] = call.inputs as [Output, Output];
  const fits =
    isFloat(x) &&
    isFloat(bias) &&
    x.shape !== null &&
    x.shape.length >= 2 &&
    x.shape.length <= mostDimensions &&
    bias.shape?.length === 1 &&
    bias.shape[0] === x.shape.at(-1);
  return fits ? { name: 'BiasAdd', attributes: {}, inputs: [x, bias] } : call;
}

/** The sum over all dimensions but the last: the gradient of a bias. */
function biasAddGrad(call: Call, known: KnownValues): Call {
  const x = call.inputs[0]!;
  const { keep_dims: keep } = call.attributes;
  const axes = known(1);
  if (!isFloat(x) || axes === null || x.shape === null) return call;
  if (keep === undefined || !('bool' in keep) || keep.bool) return call;
  const rank = x.shape.length;
  const allButLast =
    rank >= 2 && axes.length === rank - 1 && axes.every((axis, i) => (axis + rank) % rank === i);
  return allButLast ? { name: 'BiasAddGrad', attributes: {}, inputs: [x] } : call;
}

/**
 * A product of two matrices is no batch of products. On a CPU two kernels are worth going around. Where the second matrix
 * is transposed (the gradient of a Dense layer's input), the batch's takes 0.33 ms instead of 0.65 for 16 images of `cnn`.
 * Where the first one is (the gradient of a Dense layer's kernel), and small beside the product, it is quicker transposed
 * beforehand: 0.28 ms instead of 0.38.
 */
function matMul(call: Call, transpose: Transpose): Call {
  const { adj_x: adjointA, adj_y: adjointB } = call.attributes;
  const [a, b] = call.inputs as [Output, Output];
  if (!call.inputs.every(({ type, shape }) => type === dataType.float32 && shape?.length === 2)) {
    return call;
  }
  if (adjointA === undefined || adjointB === undefined || isTrue(adjointB)) return call;
  const beforehand = isTrue(adjointA) && isOutweighed(a, b);
  const attributes = {
    transpose_a: beforehand ? { bool: false } : adjointA,
    transpose_b: adjointB,
  };
  return { name: 'MatMul', attributes, inputs: [beforehand ? transpose(a) : a, b] };
}

/** From here on a product does not fit into the nearer caches: smaller ones take less than another op does. */
const largeProduct = 2 ** 18;

/** Whether aT b is large, and a small beside it. */
function isOutweighed({ shape: a }: Output, { shape: b }: Output): boolean {
  const [inner, rows] = a as [number, number];
  const columns = b![1]!;
  // A batch of any size is -1.
  return rows * columns >= largeProduct && inner > 0 && 4 * inner <= columns;
}

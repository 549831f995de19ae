import { type Graph, keyOf, type Output } from '../graph/graph.js';
import { dataType } from '../native/dataTypes.js';
import type { Call } from './lowering.js';

const { float32, bfloat16 } = dataType;

/** Where the arithmetic is: products of matrices, which processors with AMX and GPUs do in bfloat16. */
const matrixWork = new Set([
  'BatchMatMulV2',
  'Conv2D',
  'Conv2DBackpropFilter',
  'Conv2DBackpropInput',
  'DepthwiseConv2dNative',
  'DepthwiseConv2dNativeBackpropFilter',
  'DepthwiseConv2dNativeBackpropInput',
  'MatMul',
]);

/** Ops that lose nothing by taking what comes before them as it is, and save two conversions. */
const followers = new Set([
  'AvgPool',
  'AvgPoolGrad',
  'BiasAdd',
  'BiasAddGrad',
  'Identity',
  'MaxPool',
  'MaxPoolGrad',
  'Relu',
  'ReluGrad',
  'Reshape',
  'Transpose',
]);

/**
 * Mixed precision as Keras's `mixed_bfloat16` has it (Micikevicius et al. 2018, "Mixed precision training",
 * which bfloat16's range spares the scaling of the loss): variables and what is fetched are float32, matrix
 * work and what hangs on it is bfloat16, everything else (losses, softmax, sums over a batch) is float32.
 *
 * To the function that is captured all of it is float32.
 */
export class MixedPrecision {
  readonly #casts = new Map<string, Output>();

  constructor(private readonly graph: Graph) {}

  /** The call with its float inputs in the precision that it is to be computed in. */
  place(call: Call): Call {
    const isLow =
      matrixWork.has(call.name) ||
      (followers.has(call.name) && call.inputs.some(({ type }) => type === bfloat16));
    const type = isLow ? bfloat16 : float32;
    const inputs = call.inputs.map((input) => this.#as(type, input));
    if (!isLow) return { ...call, inputs };
    // The type follows from the inputs.
    const { T: _type, ...attributes } = call.attributes;
    return { ...call, inputs, attributes };
  }

  /** For whoever reads the result. */
  float(output: Output): Output {
    return this.#as(float32, output);
  }

  #as(type: number, output: Output): Output {
    if (output.type === type) return output;
    if (output.type !== float32 && output.type !== bfloat16) return output;
    const key = keyOf(output);
    const cast = this.#casts.get(key) ?? this.graph.node('Cast', [output], { DstT: { type } });
    this.#casts.set(key, cast);
    return cast;
  }
}

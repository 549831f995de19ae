/** What is said to TensorFlow before its first device is made; it cannot be changed afterwards. */
export interface RuntimeOptions {
  /** Threads that share one op's work; 0: one per core. */
  readonly intraOpThreads?: number;
  /** Threads that run ops beside each other; 0: one per core. */
  readonly interOpThreads?: number;
}

export type Precision = 'float32' | 'bfloat16';

/** Numbers of the fields in tensorflow/core/protobuf/config.proto and rewriter_config.proto. */
const field = {
  config: { intraOp: 2, interOp: 5, gpuOptions: 6, softPlacement: 7, graphOptions: 10 },
  gpuOptions: { allowGrowth: 4 },
  graphOptions: { rewriteOptions: 10 },
  rewriteOptions: { autoMixedPrecisionOneDnnBfloat16: 31 },
  runOptions: { interOpThreadPool: 3 },
} as const;

const on = 1;

/**
 * A `ConfigProto`. GPUs take memory as they need it, and ops without a GPU kernel run on the CPU.
 *
 * @param precision `bfloat16`: the graph optimizer lets matrix work run in bfloat16 and the rest in
 *   float32, as Keras's `mixed_bfloat16` does by layer
 */
export function configProto(
  { intraOpThreads = 0, interOpThreads = 0 }: RuntimeOptions,
  precision: Precision = 'float32',
): Uint8Array {
  const rewrites =
    precision === 'bfloat16'
      ? varint(field.rewriteOptions.autoMixedPrecisionOneDnnBfloat16, on)
      : [];
  return Uint8Array.from([
    ...varint(field.config.intraOp, intraOpThreads),
    ...varint(field.config.interOp, interOpThreads),
    ...message(field.config.gpuOptions, varint(field.gpuOptions.allowGrowth, on)),
    ...varint(field.config.softPlacement, on),
    ...message(field.config.graphOptions, message(field.graphOptions.rewriteOptions, rewrites)),
  ]);
}

/** Field by field, as protocol buffers are written: https://protobuf.dev/programming-guides/encoding/ */
function varint(number: number, value: number): number[] {
  return [...base128(number << 3), ...base128(value)];
}

function message(number: number, content: readonly number[]): number[] {
  return content.length === 0
    ? []
    : [...base128((number << 3) | 2), ...base128(content.length), ...content];
}

function base128(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...base128(value >>> 7)];
}

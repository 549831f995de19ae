/** What is said to TensorFlow before its first device is made; it cannot be changed afterwards. */
export interface RuntimeOptions {
  /** Threads that share one op's work; 0: one per core. */
  readonly intraOpThreads?: number;
  /** Threads that run ops beside each other; 0: one per core. */
  readonly interOpThreads?: number;
}

/** Numbers of the fields in tensorflow/core/protobuf/config.proto. */
const field = { intraOp: 2, interOp: 5, gpuOptions: 6, softPlacement: 7 } as const;
const allowGrowth = 4;
const on = 1;

/** A `ConfigProto`. GPUs take memory as they need it, and ops without a GPU kernel run on the CPU. */
export function configProto({
  intraOpThreads = 0,
  interOpThreads = 0,
}: RuntimeOptions): Uint8Array {
  return Uint8Array.from([
    ...varint(field.intraOp, intraOpThreads),
    ...varint(field.interOp, interOpThreads),
    ...message(field.gpuOptions, varint(allowGrowth, on)),
    ...varint(field.softPlacement, on),
  ]);
}

/** Field by field, as protocol buffers are written: https://protobuf.dev/programming-guides/encoding/ */
function varint(number: number, value: number): number[] {
  return [...base128(number << 3), ...base128(value)];
}

function message(number: number, content: readonly number[]): number[] {
  return [...base128((number << 3) | 2), ...base128(content.length), ...content];
}

function base128(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...base128(value >>> 7)];
}

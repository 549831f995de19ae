import { messageField, varintField } from './protobuf.js';

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
  return Buffer.concat([
    varintField(field.intraOp, intraOpThreads),
    varintField(field.interOp, interOpThreads),
    messageField(field.gpuOptions, varintField(allowGrowth, on)),
    varintField(field.softPlacement, on),
  ]);
}

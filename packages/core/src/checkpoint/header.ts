import { z } from 'zod';
import { anyNumber } from '../anyNumber.js';
import { metricSumsSchema } from '../metrics/index.js';
import { modelSpecSchema, parameterSchema } from '../model/index.js';
import { allReduceNames } from '../reducer/choose.js';

const count = z.number().int().nonnegative();
const sha256Hex = z.string().regex(/^[0-9a-f]{64}$/, 'expected a sha256 in hexadecimal');

/** Where a run stands. */
const cursorSchema = z.strictObject({
  /** The epoch in progress, from 0; after the last one, the number of epochs. */
  epoch: count,
  /** Optimizer updates applied since the run began, over all epochs. */
  step: count,
  /** Samples of this epoch that are used up. */
  position: count,
});

/** Everything in a checkpoint that is not a tensor. */
export const checkpointHeaderSchema = z.strictObject({
  lockstepVersion: z.string(),
  /** ISO 8601 in UTC; given by the caller, since nothing here has a clock. */
  createdAt: z.iso.datetime(),
  runId: z.string().min(1),
  cursor: cursorSchema,
  seed: z.number().int(),
  /** The rate in force, which callbacks may have changed. */
  learningRate: z.number().nonnegative(),
  /** Sums over the samples of this epoch that are used up. */
  epochSums: metricSumsSchema,
  /** The epochs that are finished. */
  history: z.array(z.strictObject({ epoch: count, logs: z.record(z.string(), anyNumber) })),
  /** What `CallbackList.state()` gave. */
  callbacks: z.unknown(),
  model: modelSpecSchema,
  modelHash: sha256Hex,
  datasetHash: z.string().min(1),
  config: z.record(z.string(), z.unknown()),
  /** The model's weights in order, as they lie in the flat arrays. */
  parameters: z.array(parameterSchema),
  /** Of the weights' bytes, as the ranks compare them. */
  weightsSha256: sha256Hex,
  worldSize: count,
  /** How the ranks averaged: with another algorithm a resumed run rounds differently. Null: it is not known. */
  collective: z
    .enum(['single', ...allReduceNames])
    .nullable()
    .default(null),
  /** Why the run was over at this point; null when there is more to train. */
  finished: z.enum(['early-stop', 'epochs']).nullable(),
});

export type CheckpointHeader = z.infer<typeof checkpointHeaderSchema>;

/** One float32 array in the file. */
const tensorSchema = z.strictObject({
  name: z.string(),
  /** Elements. */
  length: count,
  /** Bytes from the beginning of the tensors, a multiple of 64. */
  offset: count,
});

export type TensorEntry = z.infer<typeof tensorSchema>;

/** The header as it stands in the file: with what the format itself adds. */
export const fileHeaderSchema = checkpointHeaderSchema.extend({
  formatVersion: z.literal(1),
  /** Optimizer updates, as the optimizer counts them. */
  optimizerIterations: count,
  tensors: z.array(tensorSchema),
});

export type FileHeader = z.infer<typeof fileHeaderSchema>;

/** The first thing that a schema found wrong, with where it stands. */
export function firstIssue(error: z.ZodError): string {
  const issue = error.issues[0];
  return `header ${issue?.path.join('.')}: ${issue?.message}`;
}

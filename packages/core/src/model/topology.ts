import { z } from 'zod';
import { hashOfJson } from '../hash.js';

/**
 * A model's topology in Keras's JSON (`model.to_json()`, tfjs `model.toJSON()`), opaque here: core and
 * coordinator hash it and pass it on; only a worker's tensor library builds it.
 */
const topologySchema = z.looseObject({
  class_name: z.string(),
  config: z.record(z.string(), z.unknown()),
});

export type Topology = z.infer<typeof topologySchema>;

/** What a run trains: a topology, and the loss it is trained with. */
export const modelSpecSchema = z.object({
  name: z.string(),
  topology: topologySchema,
  loss: z.string(),
  /** What is measured beside loss and accuracy; see metricNames. */
  metrics: z.array(z.string()).optional(),
});

export type ModelSpec = z.infer<typeof modelSpecSchema>;

/** One weight of a model: a tensor of `shape`, float32. */
export const parameterSchema = z.strictObject({
  name: z.string(),
  shape: z.array(z.number().int().nonnegative()),
  trainable: z.boolean(),
});

export type ParameterShape = z.infer<typeof parameterSchema>;

/** Elements of a weight. */
export const sizeOf = ({ shape }: ParameterShape): number =>
  shape.reduce((product, side) => product * side, 1);

/** Equal for two processes exactly when they would build the same network with the same loss. */
export function modelHash(spec: ModelSpec): string {
  return hashOfJson({ topology: spec.topology, loss: spec.loss });
}

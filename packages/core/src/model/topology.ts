import { z } from 'zod';
import { hashOfJson } from '../hash.js';

/**
 * A model's topology in Keras's JSON (`model.to_json()`, tfjs `model.toJSON()`), opaque here: core and
 * coordinator hash it and pass it on; only a worker's tensor library builds it.
 */
export const topologySchema = z.object({
  class_name: z.string(),
  config: z.record(z.string(), z.unknown()),
});

export type Topology = z.infer<typeof topologySchema>;

/** What a run trains: a topology and the loss it is trained with. */
export const modelSpecSchema = z.object({
  name: z.string(),
  topology: topologySchema,
  loss: z.string(),
});

export type ModelSpec = z.infer<typeof modelSpecSchema>;

/** Equal for two processes exactly when they would build the same network with the same loss. */
export function modelHash(spec: ModelSpec): string {
  return hashOfJson({ topology: spec.topology, loss: spec.loss });
}

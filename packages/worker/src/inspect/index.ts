import type { ModelSpec } from '@lockstep/core/model';
import type { InspectedModel } from './inspect.js';

export type { InspectedModel };

/** A model to be looked into, as `inspect.ts` says. No tensor library is loaded before this is called. */
export async function inspectModel(
  spec: ModelSpec,
  weights?: Float32Array,
): Promise<InspectedModel> {
  const inspect = await import('./inspect.js');
  return inspect.inspectModel(spec, weights);
}

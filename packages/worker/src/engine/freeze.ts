import type { ModelSpec } from '@lockstep/core/model';
import type { WeightsFor } from './tensorflow/freeze.js';

/** As `tensorflow/freeze.ts` says. No tensor library is loaded before this is called. */
export async function freezeModel(spec: ModelSpec, weightsFor: WeightsFor): Promise<Uint8Array> {
  const freeze = await import('./tensorflow/freeze.js');
  return freeze.freezeModel(spec, weightsFor);
}

import { LockstepError } from '@lockstep/core';
import type { Loss } from './loss.js';
import { sparseCategoricalCrossentropy } from './sparseCategoricalCrossentropy.js';

const losses: readonly Loss[] = [sparseCategoricalCrossentropy];

/** The loss of this Keras name; USAGE where there is none. */
export function lossByName(name: string): Loss {
  const loss = losses.find((each) => each.name === name);
  if (loss !== undefined) return loss;
  throw new LockstepError('USAGE', `there is no loss '${name}'`, {
    hint: `Use one of: ${losses.map((each) => each.name).join(', ')}.`,
  });
}

import { LockstepError } from '@lockstep/core';
import { lossNamed } from '@lockstep/core/model';
import { binaryCrossentropy } from './binaryCrossentropy.js';
import type { Loss } from './loss.js';
import { meanSquaredError } from './meanSquaredError.js';
import { softmaxCrossentropy } from './softmaxCrossentropy.js';

const losses: readonly Loss[] = [
  softmaxCrossentropy('sparse_categorical_crossentropy'),
  softmaxCrossentropy('categorical_crossentropy'),
  binaryCrossentropy,
  meanSquaredError,
];

/** The loss of this Keras name; USAGE where there is none. */
export function lossByName(name: string): Loss {
  const known = lossNamed(name);
  const loss = losses.find((each) => each.name === known);
  if (loss !== undefined) return loss;
  throw new LockstepError('INTERNAL', `the worker has no loss '${known}'`);
}

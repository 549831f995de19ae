import { LockstepError } from '../errors.js';
import { Random } from './random.js';

/**
 * The order in which one epoch visits the samples: a pure function of its arguments, so that every process
 * that knows the seed knows the order, and a resumed run continues in it. Stable for ever.
 *
 * Fisher-Yates shuffle (Durstenfeld, Algorithm 235, CACM 7, 1964) of 0..size-1.
 *
 * @returns `[size]`, each of 0..size-1 once
 */
export function permutation(seed: number, epoch: number, size: number): Uint32Array {
  for (const [name, value] of Object.entries({ seed, epoch, size })) {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new LockstepError('INTERNAL', `a permutation cannot be made with ${name} ${value}`);
    }
  }
  const random = Random.from('permutation', seed, epoch);
  const order = Uint32Array.from({ length: size }, (_none, index) => index);
  for (let last = size - 1; last > 0; last -= 1) {
    const chosen = random.below(last + 1);
    const kept = order[last]!;
    order[last] = order[chosen]!;
    order[chosen] = kept;
  }
  return order;
}

import { LockstepError } from '@lockstep/core';
import type { VirtualTime } from '../time/virtualTime.js';

/** Lets time run until nothing more happens: by then all programs must have come to their end. */
export async function outcomeOf<Result>(
  clock: VirtualTime,
  programs: readonly Promise<Result>[],
): Promise<Result[]> {
  const ended = Promise.all(programs);
  ended.catch(() => undefined); // It is looked at below.
  await clock.run();
  const standing = new LockstepError('INTERNAL', 'nothing more happens, and ranks still wait');
  return await Promise.race([ended, Promise.reject(standing)]);
}

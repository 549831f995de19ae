import type { Random } from '@lockstep/core/data';
import type { Jitter } from './description.js';

/** Seconds that the next message takes longer. */
export type Delay = () => number;

/** @returns null where no message is delayed: nothing is drawn then */
export function delayOf(jitter: Jitter, random: Random): Delay | null {
  switch (jitter.distribution) {
    case 'none':
      return null;
    case 'uniform':
      return () => jitter.microseconds * 1e-6 * random.float();
    case 'exponential':
      return () => -jitter.microseconds * 1e-6 * Math.log1p(-random.float());
    default:
      return jitter satisfies never;
  }
}

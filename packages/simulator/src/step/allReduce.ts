import { makeWorld, type WorldOptions } from '../collective/world.js';
import type { NetworkDescription } from '../network/description.js';
import { Network } from '../network/network.js';
import { VirtualTime } from '../time/virtualTime.js';
import { outcomeOf } from './outcome.js';

/** One all-reduce, that all ranks begin at once. Seconds until it has ended. */
export interface AllReduceTime {
  /** On the ranks in the mean. */
  readonly mean: number;
  readonly last: number;
}

/** An all-reduce alone, with nothing computed and no barrier: all but `star`. */
export async function simulateAllReduce(
  description: NetworkDescription,
  options: Omit<WorldOptions, 'isReal'>,
): Promise<AllReduceTime> {
  const { ranks } = options;
  const clock = new VirtualTime();
  const network = new Network(clock, description, { ranks, seed: 1 });
  const world = await makeWorld(network, { ...options, isReal: false });
  const programs = world.ranks.map(async ({ adder, endpoint }) => {
    await adder?.allReduce(1 / ranks);
    return endpoint.core.time;
  });
  const ends = await outcomeOf(clock, programs);
  return { mean: ends.reduce((sum, end) => sum + end, 0) / ranks, last: Math.max(...ends) };
}

import type { Barrier, Collective } from './collective.js';

/** A world of one: the average of one gradient is that gradient; nothing of its size is moved. */
export function singleCollective(barrier: Barrier): Collective {
  return {
    name: 'single',
    async allReduce(part) {
      const { proceed } = await barrier.contribute({ ...part, gradient: null });
      return { gradient: part.gradient, proceed };
    },
  };
}

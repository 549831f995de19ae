import { type Barrier, type Collective, withoutGradient } from './collective.js';

/** A world of one: the average of one gradient is that gradient; nothing of its size is moved. */
export function singleCollective(barrier: Barrier): Collective {
  return {
    name: 'single',
    isSharded: false,
    gradientBuffer: () => null,
    async allReduce(part) {
      const begun = performance.now();
      const { proceed } = await barrier.contribute({ ...withoutGradient(part), reports: true });
      const spent = { reduce: 0, barrier: performance.now() - begun };
      return { gradient: part.gradient, proceed, spent };
    },
    settled: async () => undefined,
  };
}

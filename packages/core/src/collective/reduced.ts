import { LockstepError } from '../errors.js';
import type { Reducer } from '../reducer/index.js';
import { type Barrier, type Collective, type Part, withoutGradient } from './collective.js';

/**
 * The ranks add up among themselves; the coordinator hears from each rank that it holds the average, and only
 * when all do is the step complete. So the survivors of a rank that died in the middle are all at one step.
 */
export function reducedCollective(reducer: Reducer, barrier: Barrier): Collective {
  return {
    name: reducer.name,
    gradientBuffer: () => reducer.input(),
    async allReduce(part) {
      const begun = performance.now();
      place(part, reducer.input());
      const gradient = await reducer.allReduce(part.samples / part.globalSamples);
      const reduced = performance.now();
      const { proceed } = await barrier.contribute(withoutGradient(part));
      const spent = { wait: 0, reduce: reduced - begun, barrier: performance.now() - reduced };
      return { gradient, proceed, spent };
    },
  };
}

/** A gradient that was put elsewhere is copied; that of a part without samples is not looked at. */
function place({ samples, gradient }: Part, input: Float32Array): void {
  if (samples === 0 || gradient === input) return;
  if (gradient.length !== input.length) {
    throw new LockstepError(
      'INTERNAL',
      `a gradient of ${gradient.length} elements among ranks that add up ${input.length}`,
    );
  }
  input.set(gradient);
}

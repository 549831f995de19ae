import { LockstepError } from '../errors.js';
import type { Reducer } from '../reducer/index.js';
import {
  type Average,
  type Barrier,
  type Collective,
  type Part,
  type ShardedCollective,
  withoutGradient,
} from './collective.js';
import { TrailingBarrier } from './trailingBarrier.js';

/**
 * The ranks add up among themselves. Each tells the coordinator that it holds the average, applies it, and computes the
 * next gradient while the coordinator answers; it applies nothing more before it has the answer. So ranks are never
 * further apart than one step, and what the coordinator says of a step (stop here) is heeded at that step.
 */
export function reducedCollective(reducer: Reducer, barrier: Barrier): Collective {
  const trailing = new TrailingBarrier(barrier);
  return {
    name: reducer.name,
    isSharded: false,
    gradientBuffer: () => reducer.input(),
    allReduce: (part) => average(part, reducer, trailing, (weight) => reducer.allReduce(weight)),
    settled: async () => void (await trailing.hear()),
  };
}

/** Likewise, but each rank gets its part alone, and brings its part of the weights in exchange. */
export function shardedCollective(reducer: Reducer, barrier: Barrier): ShardedCollective {
  const { begin, end } = reducer.own;
  const trailing = new TrailingBarrier(barrier);
  return {
    name: reducer.name,
    isSharded: true,
    own: reducer.own,
    gradientBuffer: () => reducer.input(),
    reduceScatter: (part) =>
      average(part, reducer, trailing, (weight) => reducer.reduceScatter(weight)),
    home: reducer.gathered,
    weightsBuffer: () => (reducer.gathered ?? reducer.input()).subarray(begin, end),
    allGather: () => reducer.allGather(reducer.gathered !== null),
    settled: async () => void (await trailing.hear()),
  };
}

async function average(
  part: Part,
  reducer: Reducer,
  barrier: TrailingBarrier,
  reduce: (weight: number) => Promise<Float32Array>,
): Promise<Average> {
  const begun = performance.now();
  place(part, reducer.input());
  // Also when the coordinator has stopped the ranks already: others may not know yet, and wait for this part.
  const gradient = await reduce(part.samples / part.globalSamples);
  const reduced = performance.now();
  const proceed = await barrier.hear();
  const spent = { reduce: reduced - begun, barrier: performance.now() - reduced };
  if (!proceed) return { gradient: null, proceed, spent };
  barrier.report(withoutGradient(part));
  return { gradient, proceed, spent };
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

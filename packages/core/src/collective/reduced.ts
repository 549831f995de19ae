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

/**
 * The ranks add up among themselves; the coordinator hears from each rank that it holds the average, and only
 * when all do is the step complete. So the survivors of a rank that died in the middle are all at one step.
 */
export function reducedCollective(reducer: Reducer, barrier: Barrier): Collective {
  return {
    name: reducer.name,
    isSharded: false,
    gradientBuffer: () => reducer.input(),
    allReduce: (part) => average(part, reducer, barrier, (weight) => reducer.allReduce(weight)),
  };
}

/** Likewise, but each rank gets its part alone, and brings its part of the weights in exchange. */
export function shardedCollective(reducer: Reducer, barrier: Barrier): ShardedCollective {
  const { begin, end } = reducer.own;
  return {
    name: reducer.name,
    isSharded: true,
    own: reducer.own,
    gradientBuffer: () => reducer.input(),
    reduceScatter: (part) =>
      average(part, reducer, barrier, (weight) => reducer.reduceScatter(weight)),
    weightsBuffer: () => reducer.input().subarray(begin, end),
    allGather: () => reducer.allGather(),
  };
}

async function average(
  part: Part,
  reducer: Reducer,
  barrier: Barrier,
  reduce: (weight: number) => Promise<Float32Array>,
): Promise<Average> {
  const begun = performance.now();
  place(part, reducer.input());
  const gradient = await reduce(part.samples / part.globalSamples);
  const reduced = performance.now();
  const { proceed } = await barrier.contribute(withoutGradient(part));
  const spent = { reduce: reduced - begun, barrier: performance.now() - reduced };
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

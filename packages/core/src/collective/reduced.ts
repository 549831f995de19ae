import { LockstepError } from '../errors.js';
import type { FactorExchange, Reducer } from '../reducer/index.js';
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
 * The ranks add up among themselves. Each tells the coordinator of the steps that it holds the average of, every few of
 * them, applies them, and goes on while the coordinator answers; it reports nothing more before it has the answer. So
 * ranks are never further apart than one step, and all of them stop before the same one.
 *
 * @param exchange among the ranks of the reducer, in place of its sums; null: gradients are added up whole
 */
export function reducedCollective(
  reducer: Reducer,
  barrier: Barrier,
  exchange: FactorExchange | null = null,
): Collective {
  const trailing = new TrailingBarrier(barrier);
  return {
    name: reducer.name,
    isSharded: false,
    gradientBuffer: () => reducer.input(),
    factorPlaces: (globalSamples) => exchange?.places(globalSamples) ?? null,
    allReduce: (part) =>
      average(part, trailing, (weight) => {
        if (exchange !== null) return exchange.allReduce(part.globalSamples);
        place(part, reducer.input());
        return reducer.allReduce(weight);
      }),
    settled: () => trailing.settle(),
  };
}

/** Likewise, but each rank gets its part alone, and brings its part of the weights in exchange. */
export function shardedCollective(
  reducer: Reducer,
  barrier: Barrier,
  exchange: FactorExchange | null = null,
): ShardedCollective {
  const { begin, end } = reducer.own;
  const trailing = new TrailingBarrier(barrier);
  return {
    name: reducer.name,
    isSharded: true,
    own: reducer.own,
    gradientBuffer: () => reducer.input(),
    factorPlaces: (globalSamples) => exchange?.places(globalSamples) ?? null,
    reduceScatter: (part) =>
      average(part, trailing, (weight) => {
        if (exchange !== null) return exchange.reduceScatter(part.globalSamples);
        place(part, reducer.input());
        return reducer.reduceScatter(weight);
      }),
    weightsBuffer: () => (reducer.shared?.gathered ?? reducer.input()).subarray(begin, end),
    allGather: () => reducer.allGather(reducer.shared !== null),
    settled: () => trailing.settle(),
  };
}

async function average(
  part: Part,
  barrier: TrailingBarrier,
  reduce: (weight: number) => Promise<Float32Array>,
): Promise<Average> {
  const begun = performance.now();
  // Also when the coordinator has stopped the ranks already: others may not know yet, and wait for this part.
  const gradient = await reduce(part.samples / part.globalSamples);
  const reduced = performance.now();
  const proceed = !part.reports || (await barrier.hear());
  const spent = { reduce: reduced - begun, barrier: performance.now() - reduced };
  if (!proceed) return { gradient: null, proceed, spent };
  barrier.note(withoutGradient(part));
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

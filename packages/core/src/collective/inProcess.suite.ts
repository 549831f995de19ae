import { partition, type Reducer } from '../reducer/index.js';

/** What one rank brings to the operation under way, and how it hears of the end. */
interface Brought {
  readonly input: Float32Array;
  readonly weight: number;
  readonly resolve: (sum: Float32Array) => void;
  readonly reject: (reason: Error) => void;
}

/**
 * Reducers of a world whose ranks are objects of one process: the last one to come adds up, in rank order. A
 * real reducer as far as its callers can tell, and the simplest to reason about.
 */
export function inProcessReducers(worldSize: number, length: number): Reducer[] {
  const owns = partition(length, worldSize);
  const meeting: (Brought | undefined)[] = [];

  function meet(rank: number, brought: Brought, sum: (all: readonly Brought[]) => Float32Array) {
    meeting[rank] = brought;
    const all = Array.from({ length: worldSize }, (_, r) => meeting[r]);
    if (all.includes(undefined)) return;
    meeting.length = 0;
    for (const each of all) each!.resolve(sum(all as Brought[]));
  }

  function weightedSum(all: readonly Brought[]): Float32Array {
    return Float32Array.from({ length }, (_, i) =>
      all.reduce((sum, { input, weight }) => sum + (weight === 0 ? 0 : weight * input[i]!), 0),
    );
  }

  return owns.map((own, rank): Reducer => {
    let input = new Float32Array(length);
    let failure: Error | null = null;
    const begin = (weight: number, sum: (all: readonly Brought[]) => Float32Array) =>
      new Promise<Float32Array>((resolve, reject) => {
        if (failure !== null) throw failure;
        const brought = input;
        input = new Float32Array(length);
        meet(rank, { input: brought, weight, resolve, reject }, sum);
      });
    return {
      name: 'shared-memory',
      own,
      shared: null,
      memory: null,
      input: () => input,
      allReduce: (weight) => begin(weight, weightedSum),
      async reduceScatter(weight) {
        const sum = await begin(weight, weightedSum);
        return sum.slice(own.begin, own.end);
      },
      allGather: () =>
        begin(1, (all) => {
          const whole = new Float32Array(length);
          for (const [r, { begin: from, end }] of owns.entries()) {
            whole.set(all[r]!.input.subarray(from, end), from);
          }
          return whole;
        }),
      get waitingFor() {
        if (meeting[rank] === undefined) return [];
        return owns.flatMap((_, r) => (meeting[r] === undefined ? [r] : []));
      },
      abort(reason) {
        failure ??= reason;
        meeting[rank]?.reject(reason);
        meeting[rank] = undefined;
      },
      close: async () => undefined,
    };
  });
}

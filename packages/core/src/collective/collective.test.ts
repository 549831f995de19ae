import { describe, expect, it } from 'vitest';
import { weightedAverage } from './average.js';
import { type Barrier, type Collective, Halted, type ShardedCollective } from './collective.js';
import { collectiveContract } from './collective.suite.js';
import { inProcessReducers } from './inProcess.suite.js';
import { reducedCollective, shardedCollective } from './reduced.js';
import { singleCollective } from './single.js';
import { starCollective } from './star.js';

collectiveContract('single', (barriers) => barriers.map(singleCollective), 1);
collectiveContract('star', (barriers) => barriers.map(starCollective), 5);
collectiveContract(
  'reduced',
  (barriers, length) => {
    const reducers = inProcessReducers(barriers.length, length);
    return reducers.map((reducer, rank) => reducedCollective(reducer, barriers[rank]!));
  },
  5,
);
collectiveContract(
  'sharded',
  (barriers, length) => {
    const reducers = inProcessReducers(barriers.length, length);
    return reducers.map((reducer, rank) => assembled(shardedCollective(reducer, barriers[rank]!)));
  },
  5,
);

/** Every rank's part of the average in the place of new weights: put together, they are the average. */
function assembled(sharded: ShardedCollective): Collective {
  return {
    name: sharded.name,
    isSharded: false,
    gradientBuffer: () => sharded.gradientBuffer(),
    factorPlaces: (samples) => sharded.factorPlaces(samples),
    async allReduce(part) {
      const { gradient, ...rest } = await sharded.reduceScatter(part);
      expect(gradient!.length).toBe(sharded.own.end - sharded.own.begin);
      sharded.weightsBuffer().set(gradient!);
      return { ...rest, gradient: await sharded.allGather() };
    },
    settled: () => sharded.settled(),
  };
}

describe('weightedAverage', () => {
  it('is right across the blocks it works in', () => {
    const length = 10_000;
    const one = Float32Array.from({ length }, (_, i) => i);
    const two = Float32Array.from({ length }, (_, i) => -2 * i);
    const into = new Float32Array(length).fill(7);
    weightedAverage(
      [
        { gradient: one, samples: 3 },
        { gradient: two, samples: 1 },
      ],
      into,
    );
    expect(into).toEqual(Float32Array.from({ length }, (_, i) => 0.25 * i));
  });

  it('does not look at a rank without samples', () => {
    const into = new Float32Array(1);
    weightedAverage(
      [
        { gradient: Float32Array.of(Number.NaN), samples: 0 },
        { gradient: Float32Array.of(3), samples: 2 },
      ],
      into,
    );
    expect(into[0]).toBe(3);
  });
});

describe('starCollective', () => {
  it('refuses an average of another length', async () => {
    const star = starCollective({
      contribute: async () => ({ proceed: true, gradient: new Float32Array(2) }),
      flush: async () => undefined,
    });
    const part = {
      step: 1,
      samples: 1,
      globalSamples: 1,
      metrics: {},
      reports: true,
      gradient: new Float32Array(3),
    };
    await expect(star.allReduce(part)).rejects.toMatchObject({ code: 'PROTOCOL_VIOLATION' });
  });
});

describe('reducedCollective', () => {
  const part = {
    step: 7,
    samples: 2,
    globalSamples: 3,
    metrics: {},
    reports: true,
    gradient: Float32Array.of(3),
  };
  const next = { ...part, step: 8 };

  /** Two ranks, what the first one said to the coordinator, and how that answers: whether to go on. */
  function pair() {
    const said: Parameters<Barrier['contribute']>[0][] = [];
    const answers: ((proceed: boolean) => void)[] = [];
    const halts: (() => void)[] = [];
    let last: ReturnType<Barrier['contribute']> | null = null;
    const [first, second] = inProcessReducers(2, 1);
    const barrier: Barrier = {
      contribute: (contribution) => {
        said.push(contribution);
        last = new Promise((resolve, reject) => {
          answers.push((proceed) => resolve({ proceed, gradient: null }));
          halts.push(() => reject(new Halted()));
        });
        return last;
      },
      flush: async () => {
        await last;
      },
    };
    const other = async () => {
      second!.input()[0] = 6;
      await second!.allReduce(1 / 3);
    };
    const collective = reducedCollective(first!, barrier);
    return { first: first!, collective, said, answers, halts, other };
  }
  const average = { gradient: Float32Array.of(4), proceed: true };
  const isPending = (promise: Promise<unknown>) =>
    Promise.race([promise, new Promise((resolve) => setImmediate(resolve, 'pending'))]).then(
      (outcome) => outcome === 'pending',
    );

  it('tells the coordinator once it holds the average, and sends it no gradient', async () => {
    const { collective, said, other } = pair();
    const reducing = collective.allReduce(part);
    await new Promise(setImmediate);
    expect(said).toEqual([]);
    await other();
    expect(await reducing).toMatchObject(average);
    expect(said).toEqual([{ step: 7, samples: 2, metrics: {}, reports: true, gradient: null }]);
  });

  it('gives the average before the coordinator answers, and the next one only after it', async () => {
    const { collective, said, answers, other } = pair();
    expect((await Promise.all([collective.allReduce(part), other()]))[0]).toMatchObject(average);
    const reducing = collective.allReduce(next);
    await other();
    expect(await isPending(reducing)).toBe(true);
    expect(said).toHaveLength(1);
    answers[0]!(true);
    expect(await reducing).toMatchObject(average);
    const settled = collective.settled();
    expect(await isPending(settled)).toBe(true);
    answers[1]!(false);
    await settled;
    expect((await Promise.all([collective.allReduce(part), other()]))[0]).toMatchObject(average);
  });

  it('adds up once more with the others when it is stopped, and gives nothing to apply', async () => {
    const { collective, said, answers, other } = pair();
    await Promise.all([collective.allReduce(part), other()]);
    answers[0]!(false);
    const [stopped] = await Promise.all([collective.allReduce(next), other()]);
    expect(stopped).toMatchObject({ gradient: null, proceed: false });
    expect(said).toHaveLength(1);
    expect((await Promise.all([collective.allReduce(next), other()]))[0]).toMatchObject(average);
    expect(said).toHaveLength(2);
  });

  it('goes on without an answer until it is to report again, and leaves out that step if it is stopped', async () => {
    const { collective, said, answers, other } = pair();
    const kept = (step: number) => ({ ...part, step, reports: false });
    await Promise.all([collective.allReduce(part), other()]);
    for (const step of [8, 9]) {
      const [given] = await Promise.all([collective.allReduce(kept(step)), other()]);
      expect(given).toMatchObject(average);
    }
    const reporting = collective.allReduce({ ...part, step: 10 });
    await other();
    expect(await isPending(reporting)).toBe(true);
    answers[0]!(false);
    expect(await reporting).toMatchObject({ gradient: null, proceed: false });
    expect(said.map(({ step }) => step)).toEqual([7, 8, 9]);
  });

  it('is halted where it hears the answer', async () => {
    const { collective, halts, other } = pair();
    await Promise.all([collective.allReduce(part), other()]);
    halts[0]!();
    await new Promise(setImmediate);
    const reducing = collective.allReduce(next);
    await other();
    await expect(reducing).rejects.toThrow(Halted);
  });

  it('tells the coordinator nothing of a step that is given up', async () => {
    const { first, collective, said } = pair();
    const reducing = collective.allReduce(part);
    first.abort(new Halted());
    await expect(reducing).rejects.toThrow(Halted);
    expect(said).toEqual([]);
  });

  it('refuses a gradient of another length', async () => {
    const { collective } = pair();
    const gradient = new Float32Array(2);
    await expect(collective.allReduce({ ...part, gradient })).rejects.toThrow(/2 elements .* 1/);
  });
});

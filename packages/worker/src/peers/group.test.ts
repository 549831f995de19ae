import { weightedAverage } from '@lockstep/core/collective';
import type { Range } from '@lockstep/core/data';
import {
  createSharedMemory,
  type KernelMemory,
  partition,
  type Reducer,
  type ReducerName,
} from '@lockstep/core/reducer';
import { afterEach, describe, expect, it } from 'vitest';
import { deferred } from '../deferred.js';
import { Group, type GroupOptions } from './group.js';

const scope = { kind: 'link', run: 'r', generation: 1 } as const;
const length = 40;
let worlds = 0;
const groups: Group[] = [];
afterEach(async () => {
  await Promise.all(groups.splice(0).map((group) => group.close()));
});

/** The groups of a world, some of them changed, with the coordinator's part in a trial of the star. */
function world(
  worldSize: number,
  change: Partial<GroupOptions> = {},
  onlyOf: readonly number[] = Array.from({ length: worldSize }, (_, rank) => rank),
): Group[] {
  worlds += 1;
  const channel = `test-group-${process.pid}-${worlds}`;
  const probes = new Map<number, Float32Array>();
  const made = Array.from({ length: worldSize }, (_, rank) => {
    const sendProbe = (request: number, round: number, gradient: Float32Array): void => {
      probes.set(rank, gradient);
      if (probes.size < worldSize) return;
      const average = new Float32Array(gradient.length);
      const parts = made.map((_group, each) => ({ gradient: probes.get(each)!, samples: 1 }));
      weightedAverage(parts, average);
      probes.clear();
      for (const group of made) {
        group.probed({ ...scope, kind: 'probed', request, round }, average);
      }
    };
    return new Group({
      rank,
      worldSize,
      gradientLength: length,
      channel,
      stepTimeoutMs: 1_000,
      makeReducer: (_name, segment, deadlineMs) =>
        createSharedMemory(
          { rank, worldSize, length, compression: 'none', deadlineMs },
          { segment },
        ),
      model: { shardOptimizer: async () => {}, moveIn: async () => {}, factors: null },
      isSharded: false,
      batchSize: worldSize,
      accumulate: 1,
      guarded: false,
      sendContributions: (parts) =>
        made[rank]!.barrier.release(parts.at(-1)!.step, { proceed: true, gradient: null }),
      sendProbe,
      ...(onlyOf.includes(rank) ? change : {}),
    });
  });
  groups.push(...made);
  return made;
}

const linkAll = (
  all: readonly Group[],
  request: number,
  collective: ReducerName | 'star' | 'single',
  measure: boolean,
) => Promise.all(all.map((group) => group.link({ ...scope, request, collective, measure })));

describe('a group', () => {
  it('measures what it is told to, agrees on it, and averages by it', async () => {
    const ranks = world(3);
    for (const [request, name] of (['star', 'shared-memory'] as const).entries()) {
      for (const { milliseconds, failure } of await linkAll(ranks, request, name, true)) {
        expect(failure).toBeNull();
        expect(milliseconds).toBeGreaterThan(0);
      }
    }
    const agreed = await linkAll(ranks, 2, 'shared-memory', false);
    expect(agreed).toEqual(ranks.map(() => ({ milliseconds: null, failure: null })));
    const averages = ranks.map(async ({ collective }, rank) => {
      if (collective.isSharded) throw new Error('nobody asked for parts');
      const gradient = new Float32Array(length).fill(rank);
      const part = { step: 0, samples: 2, globalSamples: 6, metrics: {}, reports: true, gradient };
      const { gradient: average } = await collective.allReduce(part);
      return Array.from(average!);
    });
    for (const average of await Promise.all(averages)) {
      expect(average).toEqual(Array(length).fill(1));
    }
  });

  it('has each model take its part of the weights, where the optimizer is in parts', async () => {
    const taken: Range[] = [];
    const model = {
      shardOptimizer: async (own: Range) => void taken.push(own),
      moveIn: () => Promise.reject(new Error('not in parts')),
      factors: null,
    };
    const ranks = world(2, { model, isSharded: true });
    await linkAll(ranks, 0, 'shared-memory', true);
    expect(taken).toEqual([]);
    await linkAll(ranks, 1, 'shared-memory', false);
    const parts = partition(length, 2);
    expect(taken.sort((a, b) => a.begin - b.begin)).toEqual(parts);
    const owned = ranks.map(({ collective }) => collective.isSharded && collective.own);
    expect(owned).toEqual(parts);
  });

  it('has each model keep its weights where all see them, and take them out before that goes', async () => {
    const homes: (Float32Array | undefined)[] = [];
    const seen: number[] = [];
    const model: GroupOptions['model'] = {
      shardOptimizer: async (_own, home) => {
        homes.push(home?.weights);
        expect(home?.weights.buffer).toBe(home?.memory.buffer);
        // What the reducer shares is still there to be read.
        if (home === undefined) seen.push(homes[0]![0]!);
      },
      moveIn: () => Promise.reject(new Error('not in parts')),
      factors: null,
    };
    const ranks = world(2, { model, isSharded: true });
    await linkAll(ranks, 0, 'shared-memory', false);
    expect(homes.map((home) => home?.length)).toEqual([length, length]);
    homes[0]![0] = 7;
    expect(homes[1]![0]).toBe(7);
    await Promise.all(ranks.map((group) => group.close()));
    expect(homes.slice(2)).toEqual([undefined, undefined]);
    expect(seen).toEqual([7, 7]);
  });

  it('has each model update its weights beside the average, and take them out before that goes', async () => {
    const places: (KernelMemory | null)[] = [];
    const model: GroupOptions['model'] = {
      shardOptimizer: () => Promise.reject(new Error('in parts')),
      moveIn: async (memory) => void places.push(memory),
      factors: null,
    };
    const ranks = world(2, { model });
    await linkAll(ranks, 0, 'shared-memory', true);
    expect(places).toEqual([]);
    await linkAll(ranks, 1, 'shared-memory', false);
    expect(places).toHaveLength(2);
    const gradients = ranks.map(({ collective }) => collective.gradientBuffer()!.buffer);
    expect(new Set(places.map((memory) => memory!.buffer))).toEqual(new Set(gradients));
    await Promise.all(ranks.map((group) => group.close()));
    expect(places.slice(2)).toEqual([null, null]);
  });

  it('answers with the reason when one cannot say what it has as factors, and the others go on', async () => {
    const failing = {
      kernelsFor: () => Promise.reject(new Error('no graph here')),
      gradients: () => Promise.reject(new Error('not wanted')),
      multiply: () => Promise.reject(new Error('not wanted')),
    };
    const model = { shardOptimizer: async () => {}, moveIn: async () => {}, factors: failing };
    const ranks = world(2, { model }, [1]);
    const answers = await linkAll(ranks, 1, 'shared-memory', false);
    expect(answers[0]).toEqual({ milliseconds: null, failure: null });
    expect(answers[1]!.failure).toEqual({ code: 'INTERNAL', message: 'no graph here' });
    expect(ranks[0]!.description).toBe("'shared-memory'");
  });

  it('needs nobody in a world of one', async () => {
    const [alone] = world(1);
    expect(await linkAll([alone!], 0, 'single', false)).toEqual([
      { milliseconds: null, failure: null },
    ]);
    expect(alone!.collective.name).toBe('single');
  });

  it('answers with the reason when an algorithm does not work', async () => {
    const ranks = world(2, {
      makeReducer: async (name) => {
        throw new Error(`no ${name} here`);
      },
    });
    for (const answer of await linkAll(ranks, 0, 'ring', true)) {
      const failure = { code: 'INTERNAL', message: 'no ring here' };
      expect(answer).toEqual({ milliseconds: null, failure });
    }
    for (const { failure } of await linkAll(ranks, 1, 'star', true)) expect(failure).toBeNull();
  });

  it('refuses to train before there is an agreement', () => {
    const [group] = world(2);
    expect(() => group!.collective).toThrow(/before the ranks had agreed/);
  });

  it('says whom it waits for, and is let go by a halt', async () => {
    const [rank0, rank1] = world(2);
    await linkAll([rank0!, rank1!], 0, 'shared-memory', false);
    expect(rank0!.waitingFor).toEqual([]);
    const gradient = new Float32Array(length);
    const part = { step: 0, samples: 1, globalSamples: 2, metrics: {}, reports: true, gradient };
    const { collective } = rank0!;
    if (collective.isSharded) throw new Error('nobody asked for parts');
    const waiting = collective.allReduce(part);
    expect(rank0!.waitingFor).toEqual([1]);
    rank0!.halt();
    await expect(waiting).rejects.toMatchObject({ name: 'Halted' });
    expect(rank0!.waitingFor).toEqual([]);
  });

  it('is let go while it tries: what is made later is closed', async () => {
    const making = deferred<Reducer>();
    const [group] = world(2, { makeReducer: () => making.promise });
    const linking = group!.link({ ...scope, request: 0, collective: 'ring', measure: true });
    group!.halt();
    await expect(linking).rejects.toMatchObject({ name: 'Halted' });
    const reducer = await createSharedMemory(
      { rank: 0, worldSize: 1, length: 1, compression: 'none', deadlineMs: 1_000 },
      { segment: `test-late-${process.pid}` },
    );
    making.resolve(reducer);
    await making.promise;
    await expect(reducer.allReduce(1)).rejects.toThrow(/closed/);
  });

  it('is let go while it measures the star', async () => {
    const [group] = world(2);
    const linking = group!.link({ ...scope, request: 0, collective: 'star', measure: true });
    group!.halt();
    await expect(linking).rejects.toMatchObject({ name: 'Halted' });
  });
});

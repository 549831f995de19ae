import { randomUUID } from 'node:crypto';
import { bytesOf, type OptimizerConfig, optimizerConfigSchema, sha256 } from '@lockstep/core';
import {
  type Barrier,
  type Collective,
  reducedCollective,
  type ShardedCollective,
  shardedCollective,
  singleCollective,
  starCollective,
  type WeightedGradient,
  weightedAverage,
} from '@lockstep/core/collective';
import { imageSizeOf, rangeLength, rankSlice, sliceBatch } from '@lockstep/core/data';
import { addMetrics, type MetricSums } from '@lockstep/core/metrics';
import { zoo } from '@lockstep/core/model';
import { createSharedMemory, type Reducer } from '@lockstep/core/reducer';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { inProcessReducers } from '../../core/src/collective/inProcess.suite.js';
import type { Engine, LoadedModel } from './engine/engine.js';
import { relativeDifference, syntheticBatch } from './engine/examples.suite.js';
import { describeWithLibrary } from './engine/tensorflow/library.suite.js';
import { createTensorflowEngine } from './engine/tensorflow/tensorflow.js';
import { createWasmEngine } from './engine/wasm/wasm.js';
import { agreeOnFactors } from './peers/factors.js';
import { trainStep } from './trainStep.js';

const imageShape = [28, 28, 1] as const;
const learningRate = 0.01;
const samples = 11;

interface World {
  readonly ranks: number;
  readonly accumulate: number;
  readonly collectives: MakeCollectives;
}

/** By rank; those that are sharded have their models take their parts. */
type MakeCollectives = (
  models: readonly LoadedModel[],
  barriers: readonly Barrier[],
) => Promise<AnyCollective[]>;

type AnyCollective = Collective | ShardedCollective;

const single: MakeCollectives = async (_, barriers) => barriers.map(singleCollective);
const star: MakeCollectives = async (_, barriers) => barriers.map(starCollective);
const reducersOf = ([model]: readonly LoadedModel[], ranks: number) =>
  inProcessReducers(ranks, model!.gradientLength);
const reduced: MakeCollectives = async (models, barriers) =>
  reducersOf(models, barriers.length).map((reducer, rank) =>
    reducedCollective(reducer, barriers[rank]!),
  );
const sharded: MakeCollectives = (models, barriers) =>
  Promise.all(
    reducersOf(models, barriers.length).map(async (reducer, rank) => {
      await models[rank]!.shardOptimizer(reducer.own);
      return shardedCollective(reducer, barriers[rank]!);
    }),
  );

const opened: Reducer[] = [];
afterEach(async () => {
  for (const reducer of opened.splice(0)) await reducer.close();
});

/** Ranks that share memory, their weights in it, and what they agree on of the factors of gradients. */
async function shareMemory(models: readonly LoadedModel[], isSharded: boolean, guarded = false) {
  const { gradientLength } = models[0]!;
  const [worldSize, segment] = [models.length, randomUUID()];
  const world = {
    worldSize,
    length: gradientLength,
    compression: 'none',
    deadlineMs: 20_000,
  } as const;
  const reducers = await Promise.all(
    models.map((_, rank) => createSharedMemory({ ...world, rank }, { segment })),
  );
  opened.push(...reducers);
  return Promise.all(
    reducers.map(async (reducer, rank) => {
      const model = models[rank]!;
      const memory = reducer.memory!;
      const home = { memory, weights: reducer.shared!.gathered };
      await (isSharded ? model.shardOptimizer(reducer.own, home) : model.moveIn(memory));
      const sizes = { worldSize, gradientLength, batchSize: samples, accumulate: 1 };
      const step = { ...sizes, rank, guarded, model };
      return { reducer, exchange: await agreeOnFactors(reducer, step) };
    }),
  );
}

const inSharedMemory: MakeCollectives = async (models, barriers) =>
  (await shareMemory(models, false)).map(({ reducer, exchange }, rank) =>
    reducedCollective(reducer, barriers[rank]!, exchange),
  );
const shardedInSharedMemory: MakeCollectives = async (models, barriers) =>
  (await shareMemory(models, true)).map(({ reducer, exchange }, rank) =>
    shardedCollective(reducer, barriers[rank]!, exchange),
  );

const worlds: Record<string, World> = {
  'one rank, in 3 parts': { ranks: 1, accumulate: 3, collectives: single },
  'two ranks that average at the coordinator': { ranks: 2, accumulate: 1, collectives: star },
  'two ranks, in 2 parts': { ranks: 2, accumulate: 2, collectives: reduced },
  'three ranks, sharded': { ranks: 3, accumulate: 1, collectives: sharded },
  'two ranks, sharded, in 3 parts': { ranks: 2, accumulate: 3, collectives: sharded },
  'three ranks, in shared memory': { ranks: 3, accumulate: 1, collectives: inSharedMemory },
  'two ranks, sharded, in shared memory': {
    ranks: 2,
    accumulate: 1,
    collectives: shardedInSharedMemory,
  },
  'more parts than samples': { ranks: 2, accumulate: 9, collectives: reduced },
};

/** The coordinator without the wire: it averages what it is given, and has the metrics of each step. */
class Hub {
  readonly metrics: MetricSums[] = [];
  #waiting: {
    readonly part: Parameters<Barrier['contribute']>[0];
    readonly release: (gradient: Float32Array | null) => void;
  }[] = [];

  constructor(private readonly ranks: number) {}

  barrier(rank: number): Barrier {
    return {
      contribute: (part) =>
        new Promise((resolve) => {
          const release = (gradient: Float32Array | null) => resolve({ gradient, proceed: true });
          this.#waiting[rank] = { part, release };
          if (Object.keys(this.#waiting).length === this.ranks) this.#complete();
        }),
      flush: async () => undefined,
    };
  }

  #complete(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.metrics.push(waiting.map(({ part }) => part.metrics).reduce(addMetrics));
    const given = waiting.flatMap(({ part: { gradient, samples: weight } }): WeightedGradient[] =>
      gradient === null ? [] : [{ gradient, samples: weight }],
    );
    const average = given.length > 0 ? new Float32Array(given[0]!.gradient.length) : null;
    if (average !== null) weightedAverage(given, average);
    for (const { release } of waiting) release(average);
  }
}

interface Trained {
  readonly weights: Float32Array;
  readonly metrics: readonly MetricSums[];
}

async function train(
  load: () => Promise<LoadedModel>,
  { ranks, accumulate, collectives }: World,
  steps: number,
): Promise<Trained[]> {
  const models = await Promise.all(Array.from({ length: ranks }, load));
  const hub = new Hub(ranks);
  const barriers = models.map((_, rank) => hub.barrier(rank));
  const made = await collectives(models, barriers);
  const runRank = async (model: LoadedModel, rank: number): Promise<Trained> => {
    const collective = made[rank]!;
    const range = rankSlice({ begin: 0, end: samples }, rank, ranks);
    for (let step = 0; step < steps; step++) {
      const whole = syntheticBatch(samples, step, 28, 10);
      const batch = sliceBatch(whole, imageSizeOf(imageShape), range);
      const { applied, proceed, spent } = await trainStep(
        { model, collective, accumulate },
        {
          batch,
          globalSamples: samples,
          step,
          position: step * samples + range.begin,
          learningRate,
          reports: true,
        },
      );
      expect({ applied, proceed }).toEqual({ applied: true, proceed: true });
      expect(Object.values(spent).every((time) => time >= 0)).toBe(true);
    }
    await collective.settled();
    const { weights, optimizer } = await model.readState();
    expect(optimizer.iterations).toBe(steps);
    const slot = Object.values(optimizer.slots)[0]!;
    const expected = collective.isSharded ? rangeLength(collective.own) : model.gradientLength;
    expect(slot.length).toBe(expected);
    model.dispose();
    return { weights, metrics: hub.metrics };
  };
  return Promise.all(models.map(runRank));
}

/** @param steps few: float32 rounding grows with each */
function trainsAlike(name: string, create: () => Promise<Engine>, model: string, steps: number) {
  describe(`${model} on ${name}`, () => {
    const optimizer: OptimizerConfig = optimizerConfigSchema.parse({
      name: 'sgd',
      momentum: 0.9,
    });
    let engine: Engine;
    let expected: Trained;
    const load = () => engine.load(zoo[model]!, { seed: 1, optimizer, imageShape });
    beforeAll(async () => {
      engine = await create();
      [expected] = (await train(load, { ranks: 1, accumulate: 1, collectives: single }, steps)) as [
        Trained,
      ];
    });
    afterAll(() => engine.dispose());

    it.each(Object.entries(worlds))('is the plain run: %s', async (_, world) => {
      const trained = await train(load, world, steps);
      for (const { weights } of trained) {
        expect(sha256(bytesOf(weights))).toBe(sha256(bytesOf(trained[0]!.weights)));
        expect(relativeDifference(weights, expected.weights)).toBeLessThan(2e-6);
      }
      for (const [step, { loss, accuracy }] of expected.metrics.entries()) {
        const found = trained[0]!.metrics[step]!;
        expect(found.loss!.sum / loss!.sum).toBeCloseTo(1, 5);
        expect(found.loss!.count).toBe(samples);
        expect(found.accuracy!.count).toBe(accuracy!.count);
      }
    });
  });
}

/** The model, but one element of its gradient is no number. */
const spoiled = (model: LoadedModel): LoadedModel =>
  new Proxy(model, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key);
      if (typeof value !== 'function') return value;
      if (key !== 'gradients') return value.bind(target);
      return async (...given: Parameters<LoadedModel['gradients']>) => {
        const result = await target.gradients(...given);
        result.gradient[5] = Number.POSITIVE_INFINITY;
        return result;
      };
    },
  });

describe('a guarded step with a gradient that is no number', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await createWasmEngine();
  });
  afterAll(() => engine.dispose());

  it.each([
    ['of a lone rank', 1, single],
    ['of one rank of three, at the coordinator', 3, star],
    ['of one rank of three, among themselves', 3, reduced],
  ])('%s is applied by nobody, and the next one by all', async (_, ranks, collectives) => {
    const options = {
      seed: 1,
      optimizer: optimizerConfigSchema.parse({ name: 'adam' }),
      imageShape,
    };
    const models = await Promise.all(
      Array.from({ length: ranks }, () => engine.load(zoo.tiny!, options)),
    );
    const said: Parameters<Barrier['contribute']>[0][] = [];
    const hub = new Hub(ranks);
    const barriers = models.map((_model, rank): Barrier => {
      const barrier = hub.barrier(rank);
      return {
        contribute: (part) => {
          said.push(part);
          return barrier.contribute(part);
        },
        flush: barrier.flush,
      };
    });
    const made = await collectives(models, barriers);
    const first = await models[0]!.readState();
    const step = (at: number, sick: number | null) =>
      Promise.all(
        models.map((model, rank) =>
          trainStep(
            {
              model: rank === sick ? spoiled(model) : model,
              collective: made[rank]!,
              guarded: true,
            },
            {
              batch: syntheticBatch(2, rank, 28, 10),
              globalSamples: 2 * ranks,
              step: at,
              position: 2 * rank,
              learningRate,
              reports: true,
            },
          ),
        ),
      );
    const steps = await step(0, ranks - 1);
    expect(steps.every(({ applied, proceed }) => applied && proceed)).toBe(true);
    expect(said.map(({ finite }) => finite ?? true).sort()).toEqual(
      [...Array.from({ length: ranks - 1 }, () => true), false].sort(),
    );
    for (const model of models) expect(await model.readState()).toEqual(first);
    await step(1, null);
    const hashes = new Set<string>();
    for (const model of models) {
      const { weights, optimizer } = await model.readState();
      expect(optimizer.iterations).toBe(1);
      expect(weights.every(Number.isFinite)).toBe(true);
      hashes.add(sha256(bytesOf(weights)));
      model.dispose();
    }
    expect(hashes.size).toBe(1);
    expect(hashes).not.toContain(sha256(bytesOf(first.weights)));
  });
});

trainsAlike('wasm', createWasmEngine, 'tiny', 2);
describeWithLibrary('libtensorflow', () => {
  const create = () => createTensorflowEngine({ automatic: false });
  trainsAlike('tensorflow', create, 'cnn', 3);
  trainsAlike('tensorflow', create, 'deep', 2);

  describe('factors of gradients', () => {
    const engines: Engine[] = [];
    afterEach(async () => {
      for (const engine of engines.splice(0)) await engine.dispose();
    });

    async function exchangesOf(
      creates: readonly (() => Promise<Engine>)[],
      model: string,
      guarded = false,
    ) {
      const optimizer = optimizerConfigSchema.parse({ name: 'adam' });
      const models: LoadedModel[] = [];
      for (const createOne of creates) {
        const engine = await createOne();
        engines.push(engine);
        models.push(await engine.load(zoo[model]!, { seed: 1, optimizer, imageShape }));
      }
      const ranks = await shareMemory(models, true, guarded);
      return ranks.map(({ exchange }) => exchange?.places(samples).factors.length ?? 0);
    }

    it('are exchanged of large kernels, by ranks that all have them', async () => {
      expect(await exchangesOf([create, create], 'cnn')).toEqual([1, 1]);
      expect(await exchangesOf([create, create], 'cnn', true)).toEqual([0, 0]);
      expect(await exchangesOf([create, create], 'tiny')).toEqual([0, 0]);
      expect(await exchangesOf([create, createWasmEngine], 'cnn')).toEqual([0, 0]);
      expect(await exchangesOf([createWasmEngine, create], 'cnn')).toEqual([0, 0]);
    });
  });
});

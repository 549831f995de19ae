import {
  bytesOf,
  LockstepError,
  optimizerConfigSchema,
  optimizerNames,
  sha256,
} from '@lockstep/core';
import { type Batch, Random, type Range } from '@lockstep/core/data';
import { meansOf } from '@lockstep/core/metrics';
import { type ModelSpec, zoo } from '@lockstep/core/model';
import { KernelMemory } from '@lockstep/core/reducer';
import { memory as tensorMemory } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine, Home, LoadedModel, LoadOptions, Moment } from './engine.js';

const classes = 3;
const layer = (class_name: string, config: Record<string, unknown>) => ({ class_name, config });

/** Small enough for numeric differentiation, smooth (no relu), with every kind of layer of the zoo. */
const small: ModelSpec = {
  name: 'small',
  loss: 'sparse_categorical_crossentropy',
  topology: {
    class_name: 'Sequential',
    config: {
      name: 'small',
      layers: [
        layer('Conv2D', {
          name: 'conv',
          filters: 2,
          kernel_size: [3, 3],
          activation: 'tanh',
          batch_input_shape: [null, 8, 8, 1],
        }),
        layer('MaxPooling2D', { name: 'pool', pool_size: [2, 2] }),
        layer('Flatten', { name: 'flatten' }),
        layer('Dense', { name: 'hidden', units: 5, activation: 'tanh' }),
        layer('Dense', { name: 'out', units: classes, activation: 'softmax' }),
      ],
    },
  },
};

/** The same, with weights of which each begins at a whole cache line, so that they need not be the engine's. */
const aligned: ModelSpec = structuredClone({ ...small, name: 'aligned' });
for (const { config } of aligned.topology.config.layers as (typeof small.topology)[]) {
  if ('filters' in config) config.filters = 16;
  if ('units' in config && config.units !== classes) config.units = 16;
}

/** The same with every kind of dropout: of 5 elements, of whole channels, and after selu. */
const noisy: ModelSpec = structuredClone({ ...small, name: 'noisy' });
(noisy.topology.config.layers as (typeof small.topology)[]).splice(
  1,
  4,
  layer('Reshape', { name: 'rows', target_shape: [12, 6] }),
  layer('SpatialDropout1D', { name: 'dropout_1', rate: 0.25 }),
  layer('Flatten', { name: 'flatten' }),
  layer('AlphaDropout', { name: 'dropout_2', rate: 0.1 }),
  layer('Dense', { name: 'hidden', units: 5, activation: 'tanh' }),
  layer('Dropout', { name: 'dropout_3', rate: 0.4 }),
  layer('Dense', { name: 'out', units: classes, activation: 'softmax' }),
);

const options: LoadOptions = {
  seed: 1,
  optimizer: optimizerConfigSchema.parse({ name: 'adam', learningRate: 0.01 }),
  imageShape: [8, 8, 1],
};

/** Images whose class shows: a bright row, at a height that depends on the class, in noise. */
export function syntheticBatch(size: number, seed: number, side = 8, labelCount = classes): Batch {
  const random = Random.from('synthetic', seed);
  const labels = Uint8Array.from({ length: size }, () => random.below(labelCount));
  const images = Uint8Array.from({ length: size * side * side }, (_, pixel) => {
    const row = Math.floor(pixel / side) % side;
    const bright = row === 2 * labels[Math.floor(pixel / (side * side))]! + 1;
    return random.below(100) + (bright ? 150 : 0);
  });
  return { size, images, labels };
}

function partOf({ images, labels }: Batch, begin: number, end: number): Batch {
  const imageSize = images.length / labels.length;
  return {
    size: end - begin,
    images: images.slice(begin * imageSize, end * imageSize),
    labels: labels.slice(begin, end),
  };
}

/** Bytes for several arrays as long as the weights of `aligned`. */
const roomy = 1_000_000;

/** The first step; models without dropout do not ask. */
const start: Moment = { step: 0, position: 0 };

const empty: Batch = { size: 0, images: new Uint8Array(0), labels: new Uint8Array(0) };

/** @param batches one for each step */
async function train(
  model: LoadedModel,
  steps: number,
  firstStep = 0,
  batches = (step: number): Batch => syntheticBatch(16, step),
): Promise<void> {
  for (let step = 0; step < steps; step++) {
    const { gradient } = await model.gradients(batches(firstStep + step), start);
    await model.apply(gradient, 0.02);
  }
}

/** Mean loss over the batch. */
async function lossOf(model: LoadedModel, batch: Batch): Promise<number> {
  return meansOf(await model.evaluate(batch)).loss!;
}

/** The largest difference, relative to the largest expected element. */
export function relativeDifference(actual: Float32Array, expected: Float32Array): number {
  expect(actual.length).toBe(expected.length);
  let [difference, largest] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    difference = Math.max(difference, Math.abs(actual[i]! - expected[i]!));
    largest = Math.max(largest, Math.abs(expected[i]!));
  }
  return difference / largest;
}

async function refusal(work: Promise<unknown>): Promise<LockstepError> {
  const thrown = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (thrown instanceof LockstepError) return thrown;
  throw new Error(`not refused with a LockstepError: ${thrown}`);
}

/**
 * What every engine must do; see LoadedModel.
 *
 * @param manySteps in which a leak must show; fewer where a step is slow
 */
export function engineContract(name: string, create: () => Promise<Engine>, manySteps = 200): void {
  describe(`the engine ${name}`, () => {
    let engine: Engine;
    beforeAll(async () => {
      engine = await create();
    });
    afterAll(async () => {
      await engine.dispose();
    });

    async function withModel(
      work: (model: LoadedModel) => Promise<void>,
      overrides: Partial<LoadOptions> = {},
    ): Promise<void> {
      const model = await engine.load(small, { ...options, ...overrides });
      await work(model);
      model.dispose();
    }

    it('describes itself', () => {
      expect(engine.description.name).toBe(name);
      expect(engine.description.device).toContain(name);
    });

    it('gives the same weights for the same seed', async () => {
      const hashes: string[] = [];
      for (const seed of [7, 7, 8]) {
        await withModel(
          async (model) => {
            const { weights, optimizer } = await model.readState();
            expect(weights.length).toBe(model.gradientLength);
            expect(optimizer.iterations).toBe(0);
            hashes.push(sha256(bytesOf(weights)));
          },
          { seed },
        );
      }
      expect(hashes[1]).toBe(hashes[0]);
      expect(hashes[2]).not.toBe(hashes[0]);
    });

    it('gives the gradient that numeric differentiation finds', async () => {
      await withModel(async (model) => {
        const batch = syntheticBatch(6, 1);
        const gradient = (await model.gradients(batch, start)).gradient.slice();
        const state = await model.readState();
        for (const { offset, length } of model.parameters) {
          for (const index of [offset, offset + length - 1]) {
            const lossAt = async (shift: number) => {
              const weights = state.weights.slice();
              weights[index]! += shift;
              await model.writeState({ ...state, weights });
              return { weight: weights[index]!, loss: await lossOf(model, batch) };
            };
            const [above, below] = [await lossAt(1 / 1024), await lossAt(-1 / 1024)];
            const slope = (above.loss - below.loss) / (above.weight - below.weight);
            expect(Math.abs(gradient[index]! - slope)).toBeLessThan(1e-3);
          }
        }
        const largest = gradient.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
        expect(largest).toBeGreaterThan(0.05);
      });
    });

    it('gives the gradient of a batch as the weighted mean of its parts', async () => {
      await withModel(async (model) => {
        const batch = syntheticBatch(11, 2);
        const whole = await model.gradients(batch, start);
        const expected = whole.gradient.slice();
        const sum = new Float32Array(model.gradientLength);
        const totals = { loss: 0, correct: 0 };
        for (const part of [partOf(batch, 0, 3), empty, partOf(batch, 3, 11)]) {
          const { gradient, metrics } = await model.gradients(part, start);
          for (let i = 0; i < sum.length; i++) sum[i]! += gradient[i]! * (part.size / batch.size);
          totals.loss += metrics.loss!.sum;
          totals.correct += metrics.accuracy!.sum;
        }
        expect(relativeDifference(sum, expected)).toBeLessThan(1e-4);
        expect(totals.loss).toBeCloseTo(whole.metrics.loss!.sum, 4);
        expect(totals.correct).toBe(whole.metrics.accuracy!.sum);
      });
    });

    it('puts the gradient where it is told to, and nothing beside it', async () => {
      await withModel(async (model) => {
        const { gradientLength: length } = model;
        const batch = syntheticBatch(7, 12);
        const given = new Float32Array(length + 2).fill(7);
        const into = given.subarray(1, -1);
        const result = await model.gradients(batch, start, into);
        expect(result.gradient).toBe(into);
        const expected = await model.gradients(batch, start);
        expect(into).toEqual(expected.gradient);
        expect(result.metrics).toEqual(expected.metrics);
        expect([given[0], given[length + 1]]).toEqual([7, 7]);
        expect((await model.gradients(empty, start, into)).gradient).toBe(into);
        expect(into.every((value) => value === 0)).toBe(true);
        expect(expected.gradient.some((value) => value !== 0)).toBe(true);
        const refused = await refusal(model.gradients(batch, start, given));
        expect(refused.message).toContain('gradient: ');
      });
    });

    it('reports the same sums when it trains and when it evaluates', async () => {
      await withModel(async (model) => {
        const batch = syntheticBatch(9, 3);
        const { metrics } = await model.gradients(batch, start);
        const evaluated = await model.evaluate(batch);
        expect(metrics.loss!.count).toBe(9);
        expect(evaluated.accuracy).toEqual(metrics.accuracy);
        expect(evaluated.loss!.sum).toBeCloseTo(metrics.loss!.sum, 4);
      });
    });

    it('learns: the loss falls and the classes are told apart', async () => {
      await withModel(async (model) => {
        const unseen = syntheticBatch(60, 1000);
        const before = await lossOf(model, unseen);
        await train(model, 20);
        const after = meansOf(await model.evaluate(unseen));
        expect(after.loss).toBeLessThan(before / 2);
        expect(after.accuracy).toBeGreaterThan(0.9);
        expect((await model.readState()).optimizer.iterations).toBe(20);
      });
    });

    it('continues bit by bit from a state read elsewhere', async () => {
      await withModel(async (first) => {
        await train(first, 3);
        const state = await first.readState();
        await train(first, 4, 100);
        await withModel(
          async (second) => {
            await second.writeState(state);
            await train(second, 4, 100);
            expect(await second.readState()).toEqual(await first.readState());
          },
          { seed: 99 },
        );
      });
    });

    it('gives copies of its state', async () => {
      await withModel(async (model) => {
        const state = await model.readState();
        const weights = await model.readWeights();
        expect(weights).toEqual(state.weights);
        const hash = sha256(bytesOf(state.weights));
        await train(model, 1);
        expect(sha256(bytesOf(state.weights))).toBe(hash);
        expect(sha256(bytesOf(weights))).toBe(hash);
        expect(state.optimizer.slots.momentum!.every((value) => value === 0)).toBe(true);
      });
    });

    it('gives zeros for a batch of size 0', async () => {
      await withModel(async (model) => {
        await model.gradients(syntheticBatch(4, 4), start);
        const { gradient, metrics } = await model.gradients(empty, start);
        const nothing = { loss: { sum: 0, count: 0 }, accuracy: { sum: 0, count: 0 } };
        expect(gradient.length).toBe(model.gradientLength);
        expect(gradient.every((value) => value === 0)).toBe(true);
        expect(metrics).toEqual(nothing);
        expect(await model.evaluate(empty)).toEqual(nothing);
        expect(await model.predict(empty)).toEqual(new Float32Array(0));
      });
    });

    it('predicts probabilities that agree with what it evaluates', async () => {
      await withModel(async (model) => {
        await train(model, 5);
        const batch = syntheticBatch(12, 5);
        const outputs = await model.predict(batch);
        expect(outputs.length).toBe(12 * classes);
        let correct = 0;
        let loss = 0;
        for (let sample = 0; sample < batch.size; sample++) {
          const row = [...outputs.subarray(sample * classes, (sample + 1) * classes)];
          expect(row.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
          if (row.indexOf(Math.max(...row)) === batch.labels[sample]) correct++;
          loss -= Math.log(row[batch.labels[sample]!]!);
        }
        const evaluated = await model.evaluate(batch);
        expect(evaluated.accuracy).toEqual({ sum: correct, count: 12 });
        expect(evaluated.loss!.sum).toBeCloseTo(loss, 3);
      });
    });

    it('counts regularization into loss and gradient, as Keras does', async () => {
      const regularized = structuredClone(small);
      const layers = regularized.topology.config.layers as (typeof small.topology)[];
      layers.at(-1)!.config.kernel_regularizer = {
        class_name: 'L1L2',
        config: { l1: 0, l2: 0.5 },
      };
      await withModel(async (plain) => {
        const model = await engine.load(regularized, options);
        const batch = syntheticBatch(5, 6);
        const { offset, length } = model.parameters.find((each) => each.name === 'out/kernel')!;
        const kernel = (await model.readState()).weights.slice(offset, offset + length);
        const penalty = 0.5 * kernel.reduce((sum, weight) => sum + weight * weight, 0);
        expect((await lossOf(model, batch)) - (await lossOf(plain, batch))).toBeCloseTo(penalty, 4);
        const trained = await model.gradients(batch, start);
        expect(meansOf(trained.metrics).loss).toBeCloseTo(await lossOf(model, batch), 4);
        const expected = (await plain.gradients(batch, start)).gradient.slice(
          offset,
          offset + length,
        );
        for (const [i, weight] of kernel.entries()) expected[i]! += weight;
        const actual = trained.gradient.slice(offset, offset + length);
        expect(relativeDifference(actual, expected)).toBeLessThan(1e-4);
        model.dispose();
      });
    });

    it('draws dropout from seed, step and position alone', async () => {
      const model = await engine.load(noisy, options);
      const state = await model.readState();
      const batch = syntheticBatch(8, 9);
      const at = async (step: number, position: number, by = model) =>
        (await by.gradients(batch, { step, position })).gradient.slice();
      const expected = await at(5, 40);
      expect(await at(5, 40)).toEqual(expected);
      for (const other of [await at(6, 40), await at(5, 41), await at(40, 5)]) {
        expect(relativeDifference(other, expected)).toBeGreaterThan(0.1);
      }
      for (const [seed, same] of [
        [options.seed, true],
        [options.seed + 1, false],
      ] as const) {
        const again = await engine.load(noisy, { ...options, seed });
        await again.writeState(state);
        const difference = relativeDifference(await at(5, 40, again), expected);
        if (same) expect(difference).toBe(0);
        else expect(difference).toBeGreaterThan(0.1);
        again.dispose();
      }
      model.dispose();
    });

    it('drops the same of a sample, whatever batch it is in', async () => {
      const model = await engine.load(noisy, options);
      const batch = syntheticBatch(11, 10);
      const [step, position] = [3, 1_000];
      const { gradient, metrics } = await model.gradients(batch, { step, position });
      const expected = gradient.slice();
      const sum = new Float32Array(model.gradientLength);
      let loss = 0;
      for (const [begin, end] of [
        [0, 4],
        [4, 5],
        [5, 11],
      ] as const) {
        const part = partOf(batch, begin, end);
        const result = await model.gradients(part, { step, position: position + begin });
        for (let i = 0; i < sum.length; i++) {
          sum[i]! += result.gradient[i]! * (part.size / batch.size);
        }
        loss += result.metrics.loss!.sum;
      }
      expect(relativeDifference(sum, expected)).toBeLessThan(1e-4);
      expect(loss).toBeCloseTo(metrics.loss!.sum, 4);
      model.dispose();
    });

    it('computes a batch in pieces as it does in one', async () => {
      const model = await engine.load(noisy, options);
      const [batch, moment] = [syntheticBatch(11, 13), { step: 3, position: 1_000 }];
      const whole = await model.gradients(batch, moment);
      const expected = whole.gradient.slice();
      const into = new Float32Array(model.gradientLength).fill(7);
      for (const pieces of [1, 2, 3, 11, 15]) {
        const result = await model.gradients(batch, moment, into, pieces);
        expect(result.gradient).toBe(into);
        expect(relativeDifference(into, expected)).toBeLessThan(1e-5);
        expect(result.metrics.loss!.sum).toBeCloseTo(whole.metrics.loss!.sum, 4);
        expect(result.metrics.loss!.count).toBe(11);
        expect(result.metrics.accuracy).toEqual(whole.metrics.accuracy);
      }
      const own = await model.gradients(batch, moment, undefined, 4);
      expect(relativeDifference(own.gradient, expected)).toBeLessThan(1e-5);
      const nothing = await model.gradients(empty, moment, into, 4);
      expect(nothing.gradient.every((value) => value === 0)).toBe(true);
      expect(nothing.metrics.loss).toEqual({ sum: 0, count: 0 });
      model.dispose();
    });

    describe.each(optimizerNames)('with %s, sharded', (optimizerName) => {
      const optimizer = optimizerConfigSchema.parse({ name: optimizerName });
      /** Four samples: how many there are matters to no optimizer, and to the time of a software GPU. */
      const few = (step: number): Batch => syntheticBatch(4, step);
      const trainPlain = (model: LoadedModel, steps: number, firstStep = 0): Promise<void> =>
        train(model, steps, firstStep, few);
      const load = () => engine.load(aligned, { ...options, optimizer });

      /** Bit by bit for most: some kernels take the roots of a vector otherwise than those of what is left over. */
      const expectSame = (actual: Float32Array, expected: Float32Array) =>
        expect(relativeDifference(actual, expected)).toBeLessThan(1e-6);

      /** Cuts through parameters, at no multiple of anything; one part is empty. */
      const rangesOf = ({ gradientLength }: LoadedModel): Range[] => {
        const bounds = [0, 7, 7, 61, gradientLength];
        return bounds.slice(1).map((end, i) => ({ begin: bounds[i]!, end }));
      };

      async function shards(home?: Home): Promise<{ range: Range; model: LoadedModel }[]> {
        const models = await Promise.all(Array.from({ length: 4 }, load));
        const ranges = rangesOf(models[0]!);
        await Promise.all(models.map((model, i) => model.shardOptimizer(ranges[i]!, home)));
        return models.map((model, i) => ({ model, range: ranges[i]! }));
      }

      /**
       * One update of all, by the gradient that the first of them finds.
       *
       * @param weights where the new ones are put together
       */
      async function update(
        parts: Awaited<ReturnType<typeof shards>>,
        step: number,
        weights: Float32Array = new Float32Array(parts[0]!.model.gradientLength),
      ) {
        const { gradient } = await parts[0]!.model.gradients(few(step), start);
        for (const { model, range } of parts) {
          const own = weights.subarray(range.begin, range.end);
          await model.applyShard(gradient.subarray(range.begin, range.end), 0.02, own);
        }
        for (const { model } of parts) await model.writeTrainable(weights);
      }

      it('trains the weights that one model does, from a part of its state each', async () => {
        const [plain, parts] = [await load(), await shards()];
        await trainPlain(plain, 4);
        for (let step = 0; step < 4; step++) await update(parts, step);
        const expected = await plain.readState();
        for (const { model, range } of parts) {
          const { weights, optimizer: found } = await model.readState();
          expectSame(weights, expected.weights);
          expect(found.iterations).toBe(4);
          expect(Object.keys(found.slots)).toEqual(Object.keys(expected.optimizer.slots));
          for (const [name, slot] of Object.entries(expected.optimizer.slots)) {
            const part = slot.slice(range.begin, range.end);
            if (part.length > 0) expectSame(found.slots[name]!, part);
            expect(found.slots[name]).toHaveLength(part.length);
          }
        }
        plain.dispose();
        for (const { model } of parts) model.dispose();
      });

      it('trains the same where all of them keep their weights in one place, and out of it again', async () => {
        const plain = await load();
        const memory = await KernelMemory.create(roomy);
        const home = { memory, weights: memory.allocate(plain.gradientLength) };
        const parts = await shards(home);
        await trainPlain(plain, 3);
        for (let step = 0; step < 3; step++) await update(parts, step, home.weights);
        for (const { model, range } of parts) await model.shardOptimizer(range);
        home.weights.fill(Number.NaN);
        await trainPlain(plain, 1, 3);
        await update(parts, 3);
        const { weights } = await plain.readState();
        for (const { model } of parts) expectSame((await model.readState()).weights, weights);
        plain.dispose();
        for (const { model } of parts) model.dispose();
      });

      it('goes on from the state of one model, and with other parts of it', async () => {
        const [plain, parts] = [await load(), await shards()];
        await trainPlain(plain, 2);
        for (const { model } of parts) {
          await model.writeState(await plain.readState());
          // Of its own part, a model may be given what it gave.
          await model.writeState(await model.readState());
        }
        await trainPlain(plain, 2, 2);
        for (const step of [2, 3]) await update(parts, step);
        const length = parts[0]!.model.gradientLength;
        const others = [0, 1, 2, 3].map((i) => ({
          begin: i * 40,
          end: i < 3 ? i * 40 + 40 : length,
        }));
        const moved = parts.map(({ model }, i) => ({ model, range: others[i]! }));
        for (const { model, range } of moved) {
          await model.shardOptimizer(range);
          await model.writeState(await plain.readState());
        }
        await trainPlain(plain, 1, 4);
        await update(moved, 4);
        const { weights } = await plain.readState();
        for (const { model } of moved) expectSame((await model.readState()).weights, weights);
        plain.dispose();
        for (const { model } of parts) model.dispose();
      });
    });

    describe.each(optimizerNames)('with %s, in memory that averages lie in', (optimizerName) => {
      const optimizer = optimizerConfigSchema.parse({ name: optimizerName });
      const few = (step: number): Batch => syntheticBatch(4, step);
      const load = () => engine.load(aligned, { ...options, optimizer });

      it('trains the same, and out of it again, whoever brings gradient and state', async () => {
        const [plain, model] = [await load(), await load()];
        const { gradientLength } = plain;
        const trainBoth = async (step: number, gradient: Float32Array) => {
          await train(plain, 1, step, few);
          await model.gradients(few(step), start, gradient);
          await model.apply(gradient, 0.02);
        };
        const expectAlike = async () => {
          const [found, expected] = [await model.readState(), await plain.readState()];
          expect(relativeDifference(found.weights, expected.weights)).toBeLessThan(1e-6);
          const { iterations, slots } = expected.optimizer;
          expect(found.optimizer.iterations).toBe(iterations);
          expect(Object.keys(found.optimizer.slots)).toEqual(Object.keys(slots));
          for (const [name, slot] of Object.entries(slots)) {
            // TensorFlow's Adam rounds 1 - beta.
            expect(relativeDifference(found.optimizer.slots[name]!, slot)).toBeLessThan(2e-5);
          }
        };
        const own = new Float32Array(gradientLength);
        await trainBoth(0, own);
        const memory = await KernelMemory.create(roomy);
        const average = memory.allocate(gradientLength);
        await model.moveIn(memory);
        await expectAlike();
        await trainBoth(1, average);
        await trainBoth(2, own);
        await expectAlike();
        await model.writeState(await plain.readState());
        await trainBoth(3, average);
        await train(plain, 1, 4, few);
        await train(model, 1, 4, few);
        await expectAlike();
        await model.moveIn(null);
        new Uint8Array(memory.buffer).fill(0xff);
        await expectAlike();
        await trainBoth(5, own);
        await train(plain, 1, 6, few);
        await train(model, 1, 6, few);
        await expectAlike();
        plain.dispose();
        model.dispose();
      });
    });

    it('stays where it is in memory without room', async () => {
      const [plain, model] = [
        await engine.load(aligned, options),
        await engine.load(aligned, options),
      ];
      const memory = await KernelMemory.create(0);
      memory.take(memory.free - 64);
      await model.moveIn(memory);
      for (const each of [plain, model]) await train(each, 2);
      expect(await model.readState()).toEqual(await plain.readState());
      plain.dispose();
      model.dispose();
    });

    it('keeps what it has of a part that it is to update, and refuses to update all', async () => {
      await withModel(async (model) => {
        const gradient = new Float32Array(10);
        expect((await refusal(model.applyShard(gradient, 0.1, gradient))).message).toContain(
          'not sharded',
        );
        await train(model, 2);
        const { momentum } = (await model.readState()).optimizer.slots;
        await model.shardOptimizer({ begin: 20, end: 50 });
        await model.shardOptimizer({ begin: 40, end: 60 });
        const state = await model.readState();
        expect(state.optimizer.iterations).toBe(2);
        const kept = new Float32Array(20);
        kept.set(momentum!.subarray(40, 50));
        expect(state.optimizer.slots.momentum).toEqual(kept);
        const whole = new Float32Array(model.gradientLength);
        for (const refused of [
          model.apply(whole, 0.1),
          model.step(syntheticBatch(2, 1), start, 0.1),
        ]) {
          expect((await refusal(refused)).message).toContain('sharded');
        }
        const [part, short] = [new Float32Array(20), new Float32Array(19)];
        expect((await refusal(model.applyShard(short, 0.1, part))).message).toContain('gradient:');
        expect((await refusal(model.applyShard(part, 0.1, short))).message).toContain('weights:');
        expect((await refusal(model.writeTrainable(part))).message).toContain('weights:');
        const foreign = { ...state.optimizer.slots, momentum: short };
        const written = model.writeState({
          ...state,
          optimizer: { iterations: 9, slots: foreign },
        });
        expect((await refusal(written)).code).toBe('CHECKPOINT_MISMATCH');
        expect(await model.readState()).toEqual(state);
        const outside = { begin: 40, end: model.gradientLength + 1 };
        expect((await refusal(model.shardOptimizer(outside))).message).toContain('does not lie');
      });
    });

    it('drops nothing when it evaluates and predicts', async () => {
      const without = structuredClone(noisy);
      for (const { config } of without.topology.config.layers as (typeof small.topology)[]) {
        if ('rate' in config) config.rate = 0;
      }
      const [model, reference] = [
        await engine.load(noisy, options),
        await engine.load(without, options),
      ];
      const batch = syntheticBatch(6, 11);
      expect(await model.evaluate(batch)).toEqual(await reference.evaluate(batch));
      expect(await model.predict(batch)).toEqual(await reference.predict(batch));
      const trained = await model.gradients(batch, start);
      expect(trained.metrics.loss).not.toEqual((await reference.evaluate(batch)).loss);
      model.dispose();
      reference.dispose();
    });

    it('leaves frozen layers as they are', async () => {
      const frozen = structuredClone(small);
      const layers = frozen.topology.config.layers as (typeof small.topology)[];
      layers[0]!.config.trainable = false;
      const model = await engine.load(frozen, options);
      const before = (await model.readState()).weights;
      expect(model.gradientLength).toBe(before.length - (9 * 2 + 2));
      await train(model, 2);
      const after = (await model.readState()).weights;
      const { gradientLength } = model;
      expect(after.subarray(gradientLength)).toEqual(before.subarray(gradientLength));
      expect(after.subarray(0, gradientLength)).not.toEqual(before.subarray(0, gradientLength));
      expect(model.parameters.filter((each) => !each.trainable).map((each) => each.name)).toEqual([
        'conv/kernel',
        'conv/bias',
      ]);
      model.dispose();
    });

    it('refuses arrays of the wrong length and labels without an output', async () => {
      await withModel(async (model) => {
        const batch = syntheticBatch(2, 7);
        const short = { ...batch, images: batch.images.slice(1) };
        expect((await refusal(model.gradients(short, start))).message).toContain(
          'images: 127 elements',
        );
        expect((await refusal(model.predict(short))).message).toContain('where 128 are needed');
        const unlabelled = { ...batch, labels: batch.labels.slice(1) };
        expect((await refusal(model.evaluate(unlabelled))).message).toContain('labels: 1');
        const gradient = new Float32Array(model.gradientLength + 1);
        expect((await refusal(model.apply(gradient, 0.1))).message).toContain('gradient: ');
        const foreign = { ...batch, labels: Uint8Array.of(0, 3) };
        expect((await refusal(model.gradients(foreign, start))).code).toBe('MODEL_MISMATCH');
      });
    });

    it('refuses the state of another model or optimizer, and keeps its own', async () => {
      await withModel(async (model) => {
        await train(model, 1);
        const state = await model.readState();
        const { momentum, velocity } = state.optimizer.slots;
        const slotSets = [
          { momentum: momentum! },
          { momentum: momentum!, norm: velocity! },
          { momentum: momentum!, velocity: velocity!.slice(1) },
        ];
        const foreign = [
          { ...state, weights: new Float32Array(state.weights.length + 1) },
          ...slotSets.map((slots) => ({
            weights: new Float32Array(state.weights.length),
            optimizer: { iterations: 5, slots },
          })),
        ];
        for (const each of foreign) {
          expect((await refusal(model.writeState(each))).code).toBe('CHECKPOINT_MISMATCH');
        }
        expect(await model.readState()).toEqual(state);
      });
    });

    it('refuses a model for other images, with both shapes', async () => {
      const error = await refusal(engine.load(zoo.cnn!, options));
      expect(error.code).toBe('MODEL_MISMATCH');
      expect(error.message).toContain('[28, 28, 1]');
      expect(error.message).toContain('[8, 8, 1]');
    });

    it('refuses a model for fewer classes than the dataset has, before it trains', async () => {
      const error = await refusal(engine.load(small, { ...options, classes: classes + 1 }));
      expect(error.code).toBe('MODEL_MISMATCH');
      expect(error.message).toContain(
        `label ${classes}, but the model tells only ${classes} classes apart`,
      );
      (await engine.load(small, { ...options, classes })).dispose();
    });

    it(`holds no more tensors after ${manySteps} steps than after one, and none after dispose`, async () => {
      const tensors = () => [
        tensorMemory().numTensors,
        tensorMemory().numDataBuffers,
        tensorMemory().numBytes,
      ];
      const before = tensors();
      await withModel(async (model) => {
        const batch = syntheticBatch(2, 8);
        const step = async () => {
          const { gradient } = await model.gradients(batch, start);
          await model.apply(gradient, 0.001);
          await model.evaluate(batch);
          await model.predict(batch);
        };
        await step();
        const afterOne = tensors();
        for (let count = 0; count < manySteps; count++) await step();
        await refusal(model.gradients({ ...batch, labels: Uint8Array.of(0, 200) }, start));
        expect(tensors()).toEqual(afterOne);
      });
      expect(tensors()).toEqual(before);
    });

    it('may be disposed of twice', async () => {
      const model = await engine.load(small, options);
      model.dispose();
      expect(() => model.dispose()).not.toThrow();
    });
  });
}

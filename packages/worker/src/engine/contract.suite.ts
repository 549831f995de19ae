import { bytesOf, sha256 } from '@lockstep/core';
import { meansOf } from '@lockstep/core/metrics';
import { zoo } from '@lockstep/core/model';
import { memory as tensorMemory } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine, LoadedModel, LoadOptions } from './engine.js';
import {
  classes,
  empty,
  lossOf,
  noisy,
  options,
  partOf,
  refusal,
  relativeDifference,
  small,
  start,
  syntheticBatch,
  train,
} from './examples.suite.js';
import { optimizerPlacement } from './optimizerPlacement.suite.js';

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

    optimizerPlacement(() => engine);

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

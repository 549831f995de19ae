import { optimizerConfigSchema, optimizerNames } from '@lockstep/core';
import type { Batch, Range } from '@lockstep/core/data';
import type { ModelSpec } from '@lockstep/core/model';
import { KernelMemory } from '@lockstep/core/reducer';
import { describe, expect, it } from 'vitest';
import type { Engine, Home, LoadedModel } from './engine.js';
import {
  classes,
  options,
  refusal,
  relativeDifference,
  small,
  start,
  syntheticBatch,
  train,
} from './examples.suite.js';

/** The same, with weights of which each begins at a whole cache line, so that they need not be the engine's. */
const aligned: ModelSpec = structuredClone({ ...small, name: 'aligned' });
for (const { config } of aligned.topology.config.layers as (typeof small.topology)[]) {
  if ('filters' in config) config.filters = 16;
  if ('units' in config && config.units !== classes) config.units = 16;
}

/** Bytes for several arrays as long as the weights of `aligned`. */
const roomy = 1_000_000;

/** What an engine must do whose models update a part of their weights, or update them beside the average. */
export function optimizerPlacement(engine: () => Engine): void {
  describe.each(optimizerNames)('with %s, sharded', (optimizerName) => {
    const optimizer = optimizerConfigSchema.parse({ name: optimizerName });
    /** Four samples: how many there are matters to no optimizer, and to the time of a software GPU. */
    const few = (step: number): Batch => syntheticBatch(4, step);
    const trainPlain = (model: LoadedModel, steps: number, firstStep = 0): Promise<void> =>
      train(model, steps, firstStep, few);
    const load = () => engine().load(aligned, { ...options, optimizer });

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

    /** All of them have come to the weights of the one; they are over then. */
    async function expectOneModel(parts: Awaited<ReturnType<typeof shards>>, plain: LoadedModel) {
      const { weights } = await plain.readState();
      for (const { model } of parts) expectSame((await model.readState()).weights, weights);
      for (const model of [plain, ...parts.map((part) => part.model)]) model.dispose();
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
      await expectOneModel(parts, plain);
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
      await expectOneModel(parts, plain);
    });
  });

  describe.each(optimizerNames)('with %s, in memory that averages lie in', (optimizerName) => {
    const optimizer = optimizerConfigSchema.parse({ name: optimizerName });
    const few = (step: number): Batch => syntheticBatch(4, step);
    const load = () => engine().load(aligned, { ...options, optimizer });

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
      await engine().load(aligned, options),
      await engine().load(aligned, options),
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
    const model = await engine().load(small, options);
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
    for (const refused of [model.apply(whole, 0.1), model.step(syntheticBatch(2, 1), start, 0.1)]) {
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
    model.dispose();
  });
}

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { bytesOf, type OptimizerConfig, optimizerConfigSchema, sha256 } from '@lockstep/core';
import { type ModelSpec, zoo } from '@lockstep/core/model';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Engine, LoadedModel, ModelState, Moment } from '../engine.js';
import { relativeDifference, syntheticBatch } from '../examples.suite.js';
import { describeWithLibrary } from './library.suite.js';
import { createTensorflowEngine } from './tensorflow.js';

const mlp: ModelSpec = zoo.mlp!;
const batchOf = (step: number, size = 16) => syntheticBatch(size, step, 28, 10);
const momentOf = (step: number): Moment => ({ step, position: 0 });
const empty = { size: 0, images: new Uint8Array(0), labels: new Uint8Array(0) };
const adam = optimizerConfigSchema.parse({ name: 'adam' });
const rate = 0.001;

const hashOf = ({ weights, optimizer }: ModelState): string =>
  sha256(bytesOf(weights)) +
  JSON.stringify([
    optimizer.iterations,
    ...Object.entries(optimizer.slots).map(([name, slot]) => [name, sha256(bytesOf(slot))]),
  ]);

describeWithLibrary('a model in a graph', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await createTensorflowEngine({ automatic: false });
  });
  afterAll(() => engine.dispose());

  const load = (seed = 1, optimizer: OptimizerConfig = adam, spec = mlp): Promise<LoadedModel> =>
    engine.load(spec, { seed, optimizer, imageShape: [28, 28, 1] });

  async function inTwoCalls(model: LoadedModel, step: number): Promise<void> {
    const { gradient } = await model.gradients(batchOf(step), momentOf(step));
    await model.apply(gradient, rate);
  }

  it.each([
    ['mlp', 'sgd'],
    ['mlp', 'adam'],
    ['mlp', 'adamw'],
    ['mlp', 'adagrad'],
    ['mlp', 'rmsprop'],
    ['cnn', 'adam'],
  ])('takes a step of %s with %s bit for bit as gradients and apply do', async (spec, name) => {
    const optimizer = optimizerConfigSchema.parse({ name });
    const [one, two] = [await load(1, optimizer, zoo[spec]!), await load(1, optimizer, zoo[spec]!)];
    for (let step = 0; step < 5; step++) {
      const before = (await one.readState()).weights;
      const { gradient, metrics } = await two.gradients(batchOf(step), momentOf(step));
      await two.apply(gradient, rate);
      expect(await one.step(batchOf(step), momentOf(step), rate)).toEqual(metrics);
      const state = await one.readState();
      expect(hashOf(state)).toBe(hashOf(await two.readState()));
      expect(state.optimizer.iterations).toBe(step + 1);
      expect(relativeDifference(state.weights, before)).toBeGreaterThan(1e-6);
    }
    one.dispose();
    two.dispose();
  });

  it('takes a step without samples as an update by zeros', async () => {
    const [one, two] = [await load(), await load()];
    for (const model of [one, two]) await model.step(batchOf(0), momentOf(0), rate);
    expect(await one.step(empty, momentOf(1), rate)).toEqual({
      loss: { sum: 0, count: 0 },
      accuracy: { sum: 0, count: 0 },
    });
    await two.apply(new Float32Array(two.gradientLength), rate);
    expect(hashOf(await one.readState())).toBe(hashOf(await two.readState()));
    expect((await one.readState()).optimizer.iterations).toBe(2);
    one.dispose();
    two.dispose();
  });

  it('does what is asked for at once in order, each after what came before', async () => {
    const [one, two] = [await load(), await load()];
    const expected: string[] = [];
    for (let step = 0; step < 6; step++) {
      await one.step(batchOf(step), momentOf(step), rate);
      expected.push(hashOf(await one.readState()));
      await one.evaluate(batchOf(step));
    }
    const found: Promise<string>[] = [];
    const steps: Promise<unknown>[] = [];
    for (let step = 0; step < 6; step++) {
      steps.push(two.step(batchOf(step), momentOf(step), rate));
      found.push(two.readState().then(hashOf));
      steps.push(two.evaluate(batchOf(step)));
    }
    await Promise.all(steps);
    expect(await Promise.all(found)).toEqual(expected);
    one.dispose();
    two.dispose();
  });

  it('writes a state as a whole, whatever else is asked for meanwhile', async () => {
    const [one, two] = [await load(1), await load(2)];
    await inTwoCalls(two, 0);
    const state = await two.readState();
    const steps = [one.step(batchOf(1), momentOf(1), rate)];
    const written = one.writeState(state);
    const read = one.readState();
    steps.push(one.step(batchOf(2), momentOf(2), rate));
    await written;
    expect(hashOf(await read)).toBe(hashOf(state));
    await Promise.all(steps);
    await two.step(batchOf(2), momentOf(2), rate);
    expect(hashOf(await one.readState())).toBe(hashOf(await two.readState()));
    one.dispose();
    two.dispose();
  });

  it('can be disposed of while it runs, which it does to its end, and then no more', async () => {
    const model = await load();
    await model.step(batchOf(0, 256), momentOf(0), rate);
    const running = [1, 2, 3].map((step) => model.step(batchOf(step, 256), momentOf(step), rate));
    const read = model.readState();
    model.dispose();
    model.dispose();
    for (const { loss } of await Promise.all(running)) expect(loss!.count).toBe(256);
    expect((await read).optimizer.iterations).toBe(4);
    const late = [
      () => model.step(batchOf(0, 256), momentOf(0), rate),
      () => model.gradients(batchOf(0), momentOf(0)),
      () => model.predict(batchOf(0)),
      () => model.readState(),
    ];
    for (const each of late) await expect(each()).rejects.toThrow('the graph was deleted');
  });

  it('has a graph of its own: others in the process do not see it', async () => {
    const [alone, reference] = [await load(3), await load(3)];
    const other = await createTensorflowEngine({ automatic: false });
    const neighbour = await other.load(zoo.tiny!, {
      seed: 3,
      optimizer: adam,
      imageShape: [28, 28, 1],
    });
    const before = hashOf(await neighbour.readState());
    for (let step = 0; step < 3; step++) await inTwoCalls(reference, step);
    for (let step = 0; step < 3; step++) {
      await Promise.all([inTwoCalls(alone, step), neighbour.evaluate(batchOf(step))]);
    }
    expect(hashOf(await alone.readState())).toBe(hashOf(await reference.readState()));
    expect(hashOf(await neighbour.readState())).toBe(before);
    await neighbour.step(batchOf(0), momentOf(0), rate);
    await other.dispose();
    expect(hashOf(await alone.readState())).toBe(hashOf(await reference.readState()));
    await inTwoCalls(alone, 3);
    alone.dispose();
    reference.dispose();
  });

  it('gives its memory back when it is disposed of', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const loadAndDispose = async (times: number) => {
      for (let count = 0; count < times; count++) {
        const model = await load(1, adam, zoo.cnn!);
        await model.step(batchOf(0), momentOf(0), rate);
        model.dispose();
      }
      await new Promise(setImmediate);
      collect();
      const { rss, arrayBuffers } = process.memoryUsage();
      return { rss, arrayBuffers };
    };
    // Weights and slots take 8 MB a model in the graph, and 5 MB on the host.
    const [few, many] = [await loadAndDispose(4), await loadAndDispose(10)];
    expect(many.arrayBuffers - few.arrayBuffers).toBeLessThan(16 * 2 ** 20);
    expect(many.rss - few.rss).toBeLessThan(50 * 2 ** 20);
  });
});

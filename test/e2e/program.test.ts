import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CreateModel, openRun, type RunEvent, train } from '@lockstep/cli';
import { loadDataset } from '@lockstep/core/data';
import { beforeAll, describe, expect, it } from 'vitest';
import { writeSubset } from '../support/dataset.js';
import { lockstep, readRun, temporaryFolder } from '../support/lockstep.js';

let directory: string;
beforeAll(async () => {
  directory = await writeSubset(join(temporaryFolder(), 'data'), 600, 100);
});

const newRun = (): string => join(temporaryFolder(), 'run');
const small = (runDir: string) =>
  ({ engine: 'wasm', batchSize: 50, epochs: 2, dataset: { directory }, runDir }) as const;

const shallow: CreateModel = (tf) =>
  tf.sequential({
    layers: [
      tf.layers.flatten({ inputShape: [28, 28, 1] }),
      tf.layers.dropout({ rate: 0.2 }),
      tf.layers.dense({ units: 10, activation: 'softmax' }),
    ],
  });

describe.each([0, 2])('train, with %i workers', (workers) => {
  it('is what the command line does, and tells of it', async () => {
    const [inCode, typed] = [newRun(), newRun()];
    const run = train({ ...small(inCode), workers, model: 'tiny', seed: 3 });
    const told: RunEvent[] = [];
    for await (const event of run) told.push(event);
    const result = await run.result;
    expect(told.filter(({ news }) => news === 'epoch')).toHaveLength(2);
    expect(told.slice(-2)).toMatchObject([
      { news: 'ended', directory: inCode },
      { news: 'reported', file: join(inCode, 'report.html') },
    ]);
    expect(result).toMatchObject({ stoppedBy: 'epochs', directory: inCode });
    expect(result.history.map(({ val_accuracy }) => val_accuracy)).toEqual([
      expect.any(Number),
      expect.any(Number),
    ]);
    expect(result.record.config.seed).toEqual({ value: 3, source: 'code' });

    const { code } = await lockstep([
      ...['train', '--engine', 'wasm', '--batch-size', '50', '--epochs', '2', '--seed', '3'],
      ...['--workers', String(workers), '--model', 'tiny', '--data-dir', directory],
      ...['--run-dir', typed],
    ]);
    expect(code).toBe(0);
    expect(readRun(typed).weightsSha256).toBe(result.record.weightsSha256);
    const history = (run: string) => readFileSync(join(run, 'history.csv'), 'utf8');
    expect(history(inCode)).toBe(history(typed));
  });

  it('stops at a step when it is aborted, and goes on from there', async () => {
    const whole = await train({ ...small(newRun()), workers, model: shallow }).result;
    const runDir = newRun();
    const stop = new AbortController();
    const run = train({ ...small(runDir), workers, model: shallow, signal: stop.signal });
    for await (const event of run) {
      if (event.news === 'step' && event.cursor.step === 5) stop.abort();
    }
    const stopped = await run.result;
    expect(stopped.stoppedBy).toBe('signal');
    expect(stopped.record.steps).toBeLessThan(24);
    const { record } = await train({ resume: runDir, model: shallow }).result;
    expect(record.steps).toBe(24);
    expect(record.weightsSha256).toBe(whole.record.weightsSha256);
  });
});

it('trains a function of TensorFlow.js on arrays, and opens what it has trained', async () => {
  const { train: images, test } = await loadDataset({ name: 'mnist', directory });
  const scaled = {
    images: Float32Array.from(images.images, (byte) => byte / 255),
    labels: images.labels,
  };
  const arrays = { name: 'mine', imageShape: [28, 28, 1], train: scaled, test } as const;
  const callback = { name: 'Stop', onEpochEnd: () => ({ stop: { message: 'enough' } }) };
  const {
    directory: run,
    record,
    message,
  } = await train({
    ...small(newRun()),
    workers: 2,
    model: shallow,
    loss: 'categorical_crossentropy',
    dataset: arrays,
    callbacks: [callback],
  }).result;
  expect(message).toBe('enough');
  expect(record.config.dataset).toEqual({ value: 'mine', source: 'code' });
  expect(record.config.model).toEqual({ value: 'shallow', source: 'code' });
  const model = await openRun(run, { engine: 'wasm' });
  const logs = await model.evaluate(arrays);
  for (const [name, value] of Object.entries(record.test!))
    expect(logs[name]).toBeCloseTo(value, 5);
  const outputs = await model.predict(test.images);
  const right = outputs.filter((row, i) => row.indexOf(Math.max(...row)) === test.labels[i]);
  expect(right.length / test.size).toBeCloseTo(logs.accuracy!, 6);
  await expect(model.predict(new Uint8Array(7))).rejects.toMatchObject({ code: 'USAGE' });
  await model.dispose();
});

describe('what goes wrong', () => {
  it.each<[string, Parameters<typeof train>[0], string, RegExp]>([
    ['a setting', { batchSize: 0 }, 'USAGE', /^batchSize got "0"/],
    [
      'a model that throws',
      {
        model: () => {
          throw new Error('no idea');
        },
      },
      'USER_CODE',
      /^createModel threw: no idea/,
    ],
    [
      'NaN in the data',
      {
        dataset: {
          imageShape: [1, 1, 1],
          train: { images: Float32Array.of(0, Number.NaN), labels: [0, 1] },
          test: { images: Float32Array.of(0), labels: [0] },
        },
      },
      'DATA_CORRUPT',
      /train: sample 1 has a pixel of NaN/,
    ],
    [
      'a rate that is too large',
      { optimizer: 'sgd', learningRate: 1e30 },
      'DIVERGED',
      /Invalid loss/,
    ],
  ])('%s: rejects result, and ends the events with it', async (_what, settings, code, message) => {
    const failure = { name: 'LockstepError', code, message: expect.stringMatching(message) };
    const run = train({ ...small(newRun()), workers: 0, ...settings });
    const listen = async () => {
      for await (const event of run) expect(event.news).toBeTypeOf('string');
    };
    await expect(listen()).rejects.toMatchObject(failure);
    await expect(run.result).rejects.toMatchObject(failure);
  });

  it('a signal that is aborted already: nothing begins', async () => {
    const runDir = newRun();
    const run = train({ ...small(runDir), signal: AbortSignal.abort(new Error('not now')) });
    await expect(run.result).rejects.toThrow('not now');
    expect(() => readRun(runDir)).toThrow('ENOENT');
  });

  it('another model than that of the run that is resumed', async () => {
    const { directory: run } = await train({
      ...small(newRun()),
      workers: 0,
      model: 'tiny',
      epochs: 1,
    }).result;
    await expect(train({ resume: run, model: shallow }).result).rejects.toMatchObject({
      code: 'CHECKPOINT_MISMATCH',
    });
  });
});

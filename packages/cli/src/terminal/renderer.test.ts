import type { News, Outcome, RunRecord } from '@lockstep/coordinator';
import { describe, expect, it } from 'vitest';
import { createRenderer, type RendererOptions } from './renderer.js';

/** A stream and a clock that only move when the test says so. */
function scene(given: Partial<RendererOptions> & { isTTY?: boolean; columns?: number } = {}) {
  const { isTTY = false, columns = 120, ...options } = given;
  const written = { out: '', errors: '' };
  let time = 1_000;
  const renderer = createRenderer({
    stream: { write: (text) => (written.out += text), isTTY, columns },
    errors: { write: (text) => (written.errors += text) },
    json: false,
    verbose: 1,
    epochs: 10,
    batchSize: 32,
    trainSize: 60_000,
    colors: false,
    now: () => time,
    ...options,
  });
  const take = (): string => {
    const { out } = written;
    written.out = '';
    return out;
  };
  const wait = (milliseconds: number): void => {
    time += milliseconds;
  };
  return { renderer, written, take, wait };
}

const cursor = (epoch: number, step: number, position: number) => ({ epoch, step, position });
const training = (epoch: number, step: number): News => ({
  news: 'training',
  cursor: cursor(epoch, step, 0),
  learningRate: 0.001,
});
const step = (count: number, logs = { loss: 0.5, accuracy: 0.75 }): News => ({
  news: 'step',
  cursor: cursor(0, count, Math.min(60_000, count * 32)),
  samples: 32,
  logs,
  times: [],
});
const epoch: News = {
  news: 'epoch',
  record: {
    epoch: 0,
    logs: { accuracy: 0.9561, loss: 0.1458, val_accuracy: 0.98, val_loss: 0.06 },
  },
  steps: 1875,
};
const member = {
  peer: '01',
  host: 'box',
  pid: 42,
  engine: 'wasm',
  device: 'wasm (SIMD)',
  slot: 0,
  ready: null,
  rank: -1,
  lastStep: 0,
  leaving: false,
  strays: 0,
  welcomedAt: 0,
};
const record: RunRecord = {
  runId: 'r',
  lockstepVersion: '0.1.0',
  startedAt: '',
  updatedAt: '',
  stoppedBy: null,
  exitCode: null,
  error: null,
  config: {},
  engine: 'wasm',
  allReduce: null,
  devices: ['wasm (SIMD)'],
  worldSize: 2,
  epochs: 1,
  skippedSteps: 0,
  steps: 1875,
  breakdown: null,
  imagesPerSecond: 5210.4,
  metrics: null,
  test: { loss: 0.0512, accuracy: 0.9843 },
  weightsSha256: null,
  checkpoint: 'checkpoints/epoch-0001-step-00001875.ckpt',
  regroupings: [],
  processes: [],
};
const outcome = (stoppedBy: Outcome['stoppedBy'], message: string): Outcome => ({
  stoppedBy,
  message,
  code: stoppedBy === 'error' ? 'WORKER_LOST' : null,
  hint: stoppedBy === 'error' ? 'See its log.' : null,
  slots: [],
  signal: stoppedBy === 'signal' ? 'SIGINT' : null,
});

describe('in a terminal', () => {
  it('draws one line for the epoch, over itself, and leaves the result', () => {
    const { renderer, take, wait } = scene({ isTTY: true });
    renderer.news(training(0, 0));
    expect(take()).toBe('Epoch 1/10\n');
    wait(6);
    renderer.news(step(1));
    expect(take()).toBe(
      '\r   1/1875 ╸─────────────────── 11s 6ms/step - 5,333 images/s - accuracy: 0.7500 - loss: 0.5000\u001b[K',
    );
    for (let count = 2; count < 512; count++) {
      wait(6);
      renderer.news(step(count));
    }
    // 3066 ms with a redraw at most each 100 ms.
    expect(take().split('\r')).toHaveLength(1 + 30);
    wait(100);
    renderer.news(step(512, { loss: 0.000_25, accuracy: 1 }));
    expect(take()).toBe(
      '\r 512/1875 ━━━━━╸────────────── 8s 6ms/step - 5,175 images/s - accuracy: 1.0000 - loss: 2.5000e-04\u001b[K',
    );
    wait(9_000);
    renderer.news(epoch);
    expect(take()).toBe(
      '\r\u001b[K1875/1875 ━━━━━━━━━━━━━━━━━━━━ 12s 6ms/step - accuracy: 0.9561 - loss: 0.1458 - val_accuracy: 0.9800 - val_loss: 0.0600\n',
    );
  });

  it('draws the last step of an epoch however soon it comes', () => {
    const { renderer, take, wait } = scene({ isTTY: true });
    renderer.news(training(0, 0));
    renderer.news(step(1874));
    take();
    wait(1);
    renderer.news(step(1875));
    expect(take()).toMatch(/^\r1875\/1875 ━{20} 0s /);
  });

  it('cuts the line to the width of the terminal, and colors what is done', () => {
    const { renderer, take, wait } = scene({ isTTY: true, columns: 20, colors: true });
    renderer.news(training(0, 0));
    take();
    wait(6);
    renderer.news(step(512));
    expect(take()).toBe('\r 512/1875 \u001b[32m━━━━━\u001b[39m╸───\u001b[K');
  });

  it('writes other lines above the bar', () => {
    const { renderer, take } = scene({ isTTY: true, columns: 20 });
    renderer.news(training(0, 0));
    renderer.news(step(512));
    take();
    renderer.news({ news: 'warning', message: 'slow' });
    expect(take()).toBe('\r\u001b[Kwarning: slow\n 512/1875 ━━━━━╸───');
  });

  it('writes what was measured of a training batch above the bar', () => {
    const { renderer, take } = scene();
    renderer.news({ news: 'logged', step: 100, logs: { loss: 0.25, accuracy: 0.9375 } });
    expect(take()).toBe(
      'Step 100: accuracy: 0.9375 - loss: 0.2500 (training batch, without dropout)\n',
    );
  });

  it('goes on with the epoch after a checkpoint in the middle of it', () => {
    const { renderer, take, wait } = scene({ isTTY: true });
    renderer.news(training(0, 0));
    wait(10);
    renderer.news(step(1));
    take();
    wait(5_000);
    renderer.news({ ...training(0, 1), cursor: cursor(0, 1, 32) } as News);
    expect(take()).toBe('');
    wait(10);
    renderer.news(step(2));
    expect(take()).toContain(' 10ms/step ');
  });
});

describe('without a terminal', () => {
  it('writes one whole line per epoch and nothing in between', () => {
    const { renderer, take, wait } = scene();
    renderer.news(training(0, 0));
    wait(8);
    renderer.news(step(1));
    expect(take()).toBe('');
    wait(1_000);
    renderer.news(epoch);
    expect(take()).toBe(
      'Epoch 1/10 - 1s - 8ms/step - 4,000 images/s - accuracy: 0.9561 - loss: 0.1458 - val_accuracy: 0.9800 - val_loss: 0.0600\n',
    );
  });

  it('tells who joined, who was refused, and where to connect', () => {
    const { renderer, take } = scene();
    renderer.listening('tcp://127.0.0.1:5555', { workers: 2, precision: 'float32' }, 0);
    renderer.news({ news: 'waiting', workers: 2, joined: 0 });
    renderer.news({ news: 'joined', member, joined: 1 });
    renderer.news({ news: 'refused', peer: '02', code: 'MODEL_MISMATCH', message: 'other model' });
    renderer.news({ news: 'started', members: [member], cursor: cursor(2, 4000, 0) });
    expect(take()).toBe(
      [
        'Listening at tcp://127.0.0.1:5555 for 2 workers; start each with',
        '  lockstep worker --connect tcp://127.0.0.1:5555',
        'Worker joined (1 of 2): box, pid 42, engine wasm (SIMD)',
        'warning: refused a worker: MODEL_MISMATCH: other model',
        'Going on after step 4000, in epoch 3',
        '',
      ].join('\n'),
    );
  });

  it.each([
    [0, ''],
    [1, 'Coordinator at tcp://127.0.0.1:5555 with 1 local worker\n'],
    [2, 'Coordinator at tcp://127.0.0.1:5555 with 1 local worker\nSaved a.ckpt after step 7\n'],
  ] as const)('with --verbose %i says as much as is asked for', (verbose, text) => {
    const { renderer, take } = scene({ verbose });
    renderer.listening('tcp://127.0.0.1:5555', { workers: 1, precision: 'float32' }, 1);
    renderer.news({ news: 'saved', file: 'a.ckpt', step: 7, weightsSha256: 'ab' });
    expect(take()).toBe(text);
  });
});

describe('bfloat16', () => {
  it('is named from the first line to the last', () => {
    const { renderer, take, written } = scene();
    renderer.listening('tcp://127.0.0.1:5555', { workers: 2, precision: 'bfloat16' }, 2);
    expect(take()).toBe(
      'Coordinator at tcp://127.0.0.1:5555 with 2 local workers, training in bfloat16\n',
    );
    const config = { precision: { value: 'bfloat16', source: 'flag' } } as const;
    const devices = ['tensorflow 2.21.0 (GPU 0)', 'tensorflow 2.21.0 (GPU 1)'];
    renderer.end(outcome('epochs', 'All epochs are done.'), { ...record, config, devices }, 'r');
    expect(written.out).toContain(
      'with 2 workers on engine tensorflow 2.21.0 (GPU 0), tensorflow 2.21.0 (GPU 1) in bfloat16',
    );
  });
});

describe('at the end', () => {
  const summary = [
    'Test: accuracy: 0.9843 - loss: 0.0512',
    '5,210 images/s with 2 workers on engine wasm (SIMD)',
    'Run: runs/a',
    '',
  ].join('\n');
  const checkpoint =
    'Last checkpoint: runs/a/checkpoints/epoch-0001-step-00001875.ckpt; go on with: lockstep train --resume runs/a\n';

  it('says the result and where the run is', () => {
    const { renderer, written } = scene({ verbose: 0 });
    renderer.end(outcome('epochs', 'All epochs are done.'), record, 'runs/a');
    expect(written).toEqual({ out: summary, errors: '' });
  });

  it('says why it stopped early', () => {
    const { renderer, written } = scene();
    const message = 'Reached 99.5% accuracy so cancelling training!';
    renderer.end(outcome('early-stop', message), record, 'runs/a');
    expect(written.out).toBe(`${message}\n${summary}`);
  });

  it('says how to go on after a signal', () => {
    const { renderer, written } = scene();
    renderer.end(outcome('signal', 'Stopped by SIGINT.'), record, 'runs/a');
    expect(written.out).toBe(`Stopped by SIGINT.\n${summary}${checkpoint}`);
  });

  it('says on stderr what went wrong, and what is left', () => {
    const { renderer, written } = scene();
    renderer.end(outcome('error', 'Lost rank 1'), { ...record, test: null }, 'runs/a');
    const error = 'error WORKER_LOST: Lost rank 1\nhint: See its log.\n';
    expect(written.errors).toBe(error + checkpoint);
    expect(written.out).toBe('5,210 images/s with 2 workers on engine wasm (SIMD)\nRun: runs/a\n');
  });

  it('says where the report is, once it is written', () => {
    const { renderer, written } = scene({ verbose: 0 });
    renderer.end(outcome('epochs', 'All epochs are done.'), record, 'runs/a');
    renderer.reported('runs/a/report.html');
    expect(written.out).toBe(`${summary}Report: runs/a/report.html\n`);
  });

  it('says when nothing is left, and leaves the bar as it was', () => {
    const { renderer, written, take } = scene({ isTTY: true, columns: 20 });
    renderer.news(training(0, 0));
    renderer.news(step(512));
    take();
    const nothing = { ...record, test: null, imagesPerSecond: null, checkpoint: null };
    renderer.end(outcome('error', 'Lost rank 1'), nothing, 'runs/a');
    expect(written.out).toBe('\nRun: runs/a\n');
    expect(written.errors).toContain('\nNo checkpoint was saved.\n');
  });
});

it('writes each event as one JSON object per line with --json', () => {
  const { renderer, written } = scene({ json: true, isTTY: true });
  renderer.listening('tcp://127.0.0.1:5555', { workers: 2, precision: 'bfloat16' }, 2);
  renderer.news(step(1, { loss: Number.NaN, accuracy: 0 }));
  const ended = outcome('error', 'Lost rank 1');
  renderer.end(ended, record, 'runs/a');
  renderer.reported('runs/a/report.html');
  const events = written.out.trimEnd().split('\n');
  expect(events.map((event) => JSON.parse(event))).toEqual([
    {
      news: 'listening',
      address: 'tcp://127.0.0.1:5555',
      workers: 2,
      precision: 'bfloat16',
      localWorkers: 2,
    },
    { news: 'step', cursor: cursor(0, 1, 32), samples: 32, logs: { loss: null, accuracy: 0 } },
    { news: 'ended', outcome: ended, directory: 'runs/a', record },
    { news: 'reported', file: 'runs/a/report.html' },
  ]);
  expect(written.errors).toBe('');
});

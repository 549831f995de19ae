import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadDataset, type Split } from '@lockstep/core/data';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { writeSubset } from '../support/dataset.js';
import { jsonLines, lockstep, readRun, temporaryFolder } from '../support/lockstep.js';

const side = 28;

let run: string;
/** The metrics of each epoch, as the run printed them. */
let epochs: { val_loss: number; val_accuracy: number }[];
let test: Split;

beforeAll(async () => {
  const data = await writeSubset(join(temporaryFolder(), 'data'), 6_000, 500);
  run = join(temporaryFolder(), 'run');
  const { code, stdout } = await lockstep([
    ...['train', '--model', 'tiny', '--workers', '0', '--epochs', '3', '--data-dir', data],
    ...['--save-best', 'val_accuracy', '--target-accuracy', 'none', '--run-dir', run, '--json'],
  ]);
  expect(code).toBe(0);
  epochs = jsonLines(stdout).flatMap(({ news, record }) => (news === 'epoch' ? [record.logs] : []));
  expect(epochs).toHaveLength(3);
  test = (await loadDataset({ name: 'mnist' })).test;
});

describe('evaluate', () => {
  it('prints what the run recorded', async () => {
    const { loss, accuracy } = readRun(run).test!;
    const { code, stdout } = await lockstep(['evaluate', run]);
    expect(stdout).toContain(`accuracy: ${accuracy.toFixed(4)} - loss: ${loss.toFixed(4)}\n`);
    expect(code).toBe(0);
  });

  it('as JSON, too', async () => {
    const { loss, accuracy } = readRun(run).test!;
    const { stdout } = await lockstep(['evaluate', run, '--json']);
    const [evaluation, ...more] = jsonLines(stdout);
    expect(more).toEqual([]);
    expect(evaluation).toMatchObject({ epoch: 3, samples: 500, accuracy });
    expect(evaluation.loss).toBeCloseTo(loss, 6);
    expect(evaluation.checkpoint).toContain(readRun(run).checkpoint);
  });

  it('of the best checkpoint, what its epoch had', async () => {
    const { stdout } = await lockstep(['evaluate', run, '--checkpoint', 'best', '--json']);
    const best = epochs.reduce((one, other) =>
      other.val_accuracy > one.val_accuracy ? other : one,
    );
    const [evaluation] = jsonLines(stdout);
    expect(evaluation).toMatchObject({
      epoch: epochs.indexOf(best) + 1,
      accuracy: best.val_accuracy,
    });
    expect(evaluation.loss).toBeCloseTo(best.val_loss, 6);
    expect(evaluation.checkpoint).toContain('best.ckpt');
  });

  it('names a newest checkpoint that is corrupt, and uses the one before', async () => {
    const damaged = join(temporaryFolder(), 'run');
    cpSync(run, damaged, { recursive: true });
    const folder = join(damaged, 'checkpoints');
    const [before, newest] = readdirSync(folder)
      .filter((name) => name.startsWith('epoch-'))
      .sort()
      .slice(-2);
    const bytes = readFileSync(join(folder, newest!));
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(join(folder, newest!), bytes);
    const { code, stdout, stderr } = await lockstep(['evaluate', damaged, '--json']);
    expect(stderr).toContain(newest);
    const [{ checkpoint, epoch, accuracy }] = jsonLines(stdout);
    expect(checkpoint).toBe(join(folder, before!));
    expect({ epoch, accuracy }).toEqual({ epoch: 2, accuracy: epochs[1]!.val_accuracy });
    expect(code).toBe(0);
  });
});

describe('predict', () => {
  const imageAt = (index: number) =>
    sharp(test.images.subarray(index * side * side, (index + 1) * side * side), {
      raw: { width: side, height: side, channels: 1 },
    });

  async function writeAll(count: number, write: (index: number) => Promise<string>) {
    return Promise.all(Array.from({ length: count }, (_none, index) => write(index)));
  }

  /** How many of the pictures are read right; picture i is of test image i. */
  async function countRight(files: string[]): Promise<number> {
    const { code, stdout } = await lockstep(['predict', run, ...files, '--json']);
    const predictions = jsonLines(stdout);
    expect(predictions.map(({ file }) => file)).toEqual(files);
    expect(code).toBe(0);
    return predictions.filter(({ digit }, index) => digit === test.labels[index]).length;
  }

  it('reads pictures as MNIST has them', async () => {
    const folder = temporaryFolder();
    const files = await writeAll(20, async (index) => {
      const file = join(folder, `${index}.png`);
      await imageAt(index).toFile(file);
      return file;
    });
    expect(await countRight(files)).toBeGreaterThanOrEqual(18);
  });

  it('reads large photographs, dark on light, with the digit off the centre', async () => {
    const folder = temporaryFolder();
    const files = await writeAll(10, async (index) => {
      const file = join(folder, `${index}.jpg`);
      // 0 becomes the paper's 225, and 255 the pen's 45.
      const digit = await imageAt(index)
        .resize(300, 300)
        .linear(-180 / 255, 225)
        .png()
        .toBuffer();
      const paper = { r: 225, g: 225, b: 225 };
      await sharp({ create: { width: 640, height: 480, channels: 3, background: paper } })
        .composite([{ input: digit, left: 37 * index, top: 180 - 20 * index }])
        .toFile(file);
      return file;
    });
    expect(await countRight(files)).toBeGreaterThanOrEqual(8);
  });

  it('names a file that is no picture, and still reads the others', async () => {
    const folder = temporaryFolder();
    const [first, text, last] = ['first.png', 'notes.png', 'last.png'].map((name) =>
      join(folder, name),
    );
    await imageAt(0).toFile(first!);
    writeFileSync(text!, 'not a picture');
    await imageAt(1).toFile(last!);
    const { code, stdout, stderr } = await lockstep(['predict', run, first!, text!, last!]);
    expect(stderr).toMatch(/IMAGE_INVALID.*notes\.png/);
    expect(stdout).toContain(`${first}: ${test.labels[0]} (`);
    expect(stdout).toContain(`${last}: ${test.labels[1]} (`);
    expect(stdout).not.toContain('notes.png');
    expect(code).toBe(3);
  });
});

describe('doctor', () => {
  it('finds all that training needs', async () => {
    const { code, stdout } = await lockstep(['doctor']);
    expect(stdout).toContain('mnist: 60,000 + 10,000 samples');
    expect(code).toBe(0);
  });

  it('says so as JSON', async () => {
    const [{ works, checks }] = jsonLines((await lockstep(['doctor', '--json'])).stdout);
    expect(works).toBe(true);
    expect(checks).toContainEqual(
      expect.objectContaining({
        name: 'data',
        works: true,
        detail: expect.stringMatching(/mnist/),
      }),
    );
    expect(checks).toContainEqual(expect.objectContaining({ name: 'engine wasm', works: true }));
  });
});

describe('--help', () => {
  const training = [
    ...['--workers', '--model', '--dataset', '--engine', '--data-dir', '--batch-size', '--epochs'],
    ...['--optimizer', '--learning-rate', '--seed', '--target-accuracy', '--validation-data'],
    ...[
      '--run-dir',
      '--checkpoint-steps',
      '--checkpoint-seconds',
      '--keep-checkpoints',
      '--save-best',
    ],
    ...['--early-stopping', '--reduce-lr-on-plateau', '--learning-rate-schedule', '--callbacks'],
    ...['--join-timeout', '--step-timeout', '--heartbeat-timeout', '--resume'],
    ...['--json', '--verbose'],
  ];
  it.each([
    ['train', training],
    ['coordinator', [...training, '--listen']],
    ['worker', ['--connect', '--connect-timeout', '--engine', '--data-dir']],
    ['evaluate', ['--checkpoint', '--engine', '--dataset', '--data-dir', '--batch-size', '--json']],
    ['predict', ['--checkpoint', '--engine', '--show', '--json']],
    ['doctor', ['--data-dir', '--json']],
  ])('of %s names its flags', async (command, flags) => {
    const { code, stdout, stderr } = await lockstep([command, '--help']);
    const named = [...stdout.matchAll(/^ {2}(--[a-z-]+)/gm)].map(([, flag]) => flag);
    expect(named).toEqual(expect.arrayContaining(flags));
    expect(stderr).toBe('');
    expect(code).toBe(0);
  });
});

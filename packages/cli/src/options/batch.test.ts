import { LockstepError } from '@lockstep/core';
import { Command } from 'commander';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchOf } from './batch.js';
import { declareFlags, readFlags } from './command.js';
import { trainOptionsOf } from './options.js';
import { trainFlags } from './train.js';

function train(words: string) {
  const command = declareFlags(new Command('test').exitOverride(), trainFlags);
  command.parse(words === '' ? [] : words.split(' '), { from: 'user' });
  return trainOptionsOf(readFlags(command, trainFlags));
}

function messageOf(words: string): string {
  try {
    train(words);
  } catch (thrown) {
    if (thrown instanceof LockstepError && thrown.code === 'USAGE') return thrown.message;
    throw thrown;
  }
  throw new Error('nothing was thrown');
}

describe('batch size, parts and workers', () => {
  it.each([
    ['', 32, 1],
    ['--accumulate 4', 32, 4],
    ['--batch-size 64 --accumulate 3 --workers 1', 64, 3],
    ['--micro-batch-size 8', 16, 1],
    ['--micro-batch-size 8 --workers 0', 8, 1],
    ['--micro-batch-size 8 --accumulate 4 --workers 3', 96, 4],
    ['--micro-batch-size 8 --batch-size 64', 64, 4],
    ['--micro-batch-size 8 --batch-size 64 --accumulate 4', 64, 4],
  ])("'%s' is a batch of %i in %i parts", (words, batchSize, accumulate) => {
    const { values } = train(words);
    expect(values).toMatchObject({ batchSize, accumulate });
    expect(values).not.toHaveProperty('microBatchSize');
  });

  it.each([
    [
      '--accumulate 40',
      '--accumulate 40 on 2 workers cuts a step in 80 parts, and --batch-size 32 has not as many samples',
    ],
    [
      '--micro-batch-size 8 --batch-size 100',
      '--batch-size 100 is not a multiple of 16, which is --micro-batch-size 8 on 2 workers',
    ],
    [
      '--micro-batch-size 64 --batch-size 32 --workers 1',
      '--batch-size 32 is not a multiple of 64, which is --micro-batch-size 64 on 1 worker',
    ],
    [
      '--micro-batch-size 8 --batch-size 100 --accumulate 4',
      '--batch-size 100 is not --micro-batch-size 8 x --accumulate 4 on 2 workers, which is 64',
    ],
    ['--micro-batch-size 8 --resume runs/a', '--micro-batch-size cannot be given with --resume'],
  ])("'%s' is refused with its numbers", (words, message) => {
    expect(messageOf(words)).toBe(message);
  });

  it('says where what it inferred comes from', () => {
    const { sources } = train('--micro-batch-size 8 --accumulate 2');
    expect(sources).toMatchObject({
      batchSize: { value: 32, source: 'flag' },
      accumulate: { value: 2, source: 'flag' },
      microBatchSize: { value: 8, source: 'flag' },
    });
    expect(train('').sources.batchSize).toEqual({ value: 32, source: 'default' });
  });

  it('leaves the batch of a resumed run to that run', () => {
    expect(train('--accumulate 40 --resume runs/a').values.accumulate).toBe(40);
  });

  it('gives from any two of the three the third', () => {
    const count = fc.integer({ min: 1, max: 500 });
    fc.assert(
      fc.property(count, count, fc.nat(16), (micro, accumulate, workers) => {
        const batchSize = micro * accumulate * Math.max(1, workers);
        const whole = { batchSize, accumulate };
        const microOnly = { batchSize: 32, accumulate, microBatchSize: micro };
        expect(batchOf(microOnly, workers, (flag) => flag === 'accumulate')).toEqual(whole);
        const batchOnly = { batchSize, accumulate: 1, microBatchSize: micro };
        expect(batchOf(batchOnly, workers, (flag) => flag === 'batchSize')).toEqual(whole);
        const none = { batchSize, accumulate, microBatchSize: null };
        expect(batchOf(none, workers, () => true)).toEqual(whole);
      }),
    );
  });
});

import { LockstepError } from '@lockstep/core';
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { declareFlags, readFlags } from './command.js';
import { coordinatorFlags } from './coordinator.js';
import { trainOptionsOf } from './options.js';
import { trainFlags } from './train.js';

function read(words: string, flags: typeof trainFlags = trainFlags) {
  const command = declareFlags(new Command('test').exitOverride(), flags);
  command.parse(words.split(' '), { from: 'user' });
  return trainOptionsOf(readFlags(command, flags)).values;
}

function refusalOf(words: string, flags: typeof trainFlags = trainFlags): string {
  try {
    read(words, flags);
  } catch (thrown) {
    if (thrown instanceof LockstepError && thrown.code === 'USAGE') return thrown.message;
    throw thrown;
  }
  throw new Error('nothing was thrown');
}

describe('--workers', () => {
  it.each([
    ['--workers 3', 3, 3],
    ['--workers 0', 0, 0],
    ['--workers 2:4', 2, 4],
    ['--workers 4:4', 4, 4],
  ])("'%s': %i are enough, of %i", (words, minWorkers, workers) => {
    expect(read(words)).toMatchObject({ minWorkers, workers });
  });

  it.each(['4:2', '0:2', '1:2:3', '2:', ':2', 'a:b', '1.5:2', '-1'])('refuses %s', (range) => {
    expect(refusalOf(`--workers=${range}`)).toMatch(/^--workers got "/);
  });

  it('needs one, where a coordinator waits for them', () => {
    expect(refusalOf('--workers 0', coordinatorFlags)).toContain('from 1 up');
  });

  it('is counted at its largest where a batch is made of parts', () => {
    expect(read('--workers 1:4 --micro-batch-size 8')).toMatchObject({ batchSize: 32 });
  });
});

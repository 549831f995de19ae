import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { CheckpointStore } from '@lockstep/core/checkpoint';
import { expect, it } from 'vitest';
import { exampleCheckpoint } from '../../packages/core/src/checkpoint/example.suite.js';
import { temporaryFolder } from '../support/lockstep.js';

const writer = fileURLToPath(new URL('../support/checkpointWriter.mjs', import.meta.url));

/** All 200 of them: npm run soak:checkpoints. */
const kills = Number(process.env.LOCKSTEP_KILLS ?? 30);
const weights = 500_000;
const slots = ['momentum', 'velocity'] as const;
/** What saving one comes to, in the units of the writer. */
const bytesOfOne = (1 + slots.length) * weights * 4;

/** Six megabytes of a checkpoint. */
function largeCheckpoint() {
  const array = (value: number) => new Float32Array(weights).fill(value);
  const small = exampleCheckpoint({ step: 0, weights: array(0.25) });
  const { remembered: _, header, ...rest } = small;
  return {
    ...rest,
    header: { ...header, parameters: [{ name: 'kernel', shape: [weights], trainable: true }] },
    optimizer: {
      iterations: 0,
      slots: Object.fromEntries(slots.map((name, i) => [name, array(i)])),
    },
  };
}

/** Lets a process write until it is dead. @returns the last step that it said was saved; 0: none */
async function writeAndDie(directory: string, kill: { byte: number } | { afterMs: number }) {
  const byte = 'byte' in kill ? [String(kill.byte)] : [];
  const child = spawn(process.execPath, [writer, directory, ...byte], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    // The clock of a kill from outside begins when the process has begun to write.
    if (said === '' && 'afterMs' in kill)
      void setTimeout(kill.afterMs).then(() => child.kill('SIGKILL'));
    said += chunk;
  });
  const [, signal] = await once(child, 'close');
  expect(signal).toBe('SIGKILL');
  return Number(said.trimEnd().split('\n').at(-1));
}

it(`can be gone on with after ${kills} kills -9 at random bytes and moments of saving`, async () => {
  const directory = join(temporaryFolder(), 'checkpoints');
  const store = new CheckpointStore(directory);
  await store.save(largeCheckpoint());
  for (let i = 0; i < kills; i += 1) {
    // At any byte of the first two saves; every fourth time from outside, wherever it is by then.
    const kill =
      i % 4 === 3
        ? { afterMs: Math.random() * 60 }
        : { byte: Math.floor(Math.random() * 2 * bytesOfOne) };
    const last = await writeAndDie(directory, kill);
    const found = await store.newest();
    const killed = `kill ${i}: ${JSON.stringify(kill)}`;
    expect(found.checkpoint.header.cursor.step, killed).toBeGreaterThanOrEqual(last);
    expect(found.skipped, killed).toEqual([]);
    expect((await store.best())?.checkpoint.weights.length ?? weights, killed).toBe(weights);
  }
  // What the dead left is removed by the next one that writes.
  await store.prepare();
  expect(readdirSync(directory).filter((name) => !name.endsWith('.ckpt'))).toEqual([]);
});

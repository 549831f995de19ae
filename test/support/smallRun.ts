import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { writeSubset } from './dataset.js';
import { lockstep, readRun, temporaryFolder } from './lockstep.js';

/** So small that an epoch takes a tenth of a second. */
const samples = 600;
const batchSize = 30;
export const stepsPerEpoch = samples / batchSize;

/** A run that faults happen in, and what it comes to where none does. */
export interface SmallRun {
  readonly epochs: number;
  readonly flags: readonly string[];
  /** Loss and accuracy on the test split. */
  readonly undisturbed: { readonly loss: number; readonly accuracy: number };
}

/**
 * Gradient descent with momentum keeps what rounding differs in as small as it is, so that a step which is left out,
 * or taken twice, shows in the loss.
 */
export async function smallRun(epochs: number): Promise<SmallRun> {
  const data = await writeSubset(join(temporaryFolder(), 'data'), samples, 500);
  const run = join(temporaryFolder(), 'run');
  const flags = [
    ...['--model', 'mlp', '--engine', 'wasm', '--data-dir', data, '--batch-size', `${batchSize}`],
    ...['--epochs', `${epochs}`, '--target-accuracy', 'none', '--optimizer', 'sgd:momentum=0.9'],
  ];
  await lockstep(['train', '--workers', '0', '--run-dir', run, ...flags]);
  const { loss, accuracy } = readRun(run).test!;
  return { epochs, flags, undisturbed: { loss, accuracy } };
}

/** Every sample of every epoch was applied once: the weights are those of a run without a fault, but for rounding. */
export function expectWhole(run: string, { epochs, undisturbed }: SmallRun): void {
  const record = readRun(run);
  const steps = epochs * stepsPerEpoch;
  expect(record).toMatchObject({ stoppedBy: 'epochs', exitCode: 0, error: null, epochs, steps });
  const { loss, accuracy } = record.test!;
  expect(Math.abs(loss - undisturbed.loss) / undisturbed.loss).toBeLessThan(1e-3);
  expect(Math.abs(accuracy - undisturbed.accuracy)).toBeLessThanOrEqual(0.002);
}

/** Segments of memory that ranks which knew each other by one of these names have left behind. */
export function segmentsOf(channels: Iterable<string>): string[] {
  const names = process.platform === 'linux' ? readdirSync('/dev/shm') : [];
  return names.filter((name) => [...channels].some((channel) => name.includes(channel)));
}

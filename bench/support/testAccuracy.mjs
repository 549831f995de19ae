import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockstep } from './paths.mjs';

/** Trains as a user would, with these flags of `lockstep train` (by name), to the end of the last epoch. */
function testAccuracy(flags) {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-accuracy-'));
  const directory = join(folder, 'run');
  const all = { ...flags, 'target-accuracy': 'none', 'run-dir': directory };
  const words = Object.entries(all).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const [node, program] = lockstep;
  const { status, stderr } = spawnSync(node, [program, 'train', ...words]);
  try {
    if (status !== 0) throw new Error(`the run ended with ${status}: ${stderr}`);
    const { test } = JSON.parse(readFileSync(join(directory, 'run.json'), 'utf8'));
    console.log(`${words.join(' ')}: ${test.accuracy}`);
    return test.accuracy;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A row of a table in percent: the accuracy of each seed, and their mean. */
export function accuracyRow(flags, seeds) {
  const accuracies = seeds.map((seed) => testAccuracy({ ...flags, seed }));
  const mean = accuracies.reduce((sum, each) => sum + each, 0) / accuracies.length;
  return [...accuracies, mean].map((each) => (100 * each).toFixed(2));
}

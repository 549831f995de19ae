// `npm run bench:precision`: what bfloat16 costs in accuracy: the same runs in both precisions, three seeds each.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { repositoryRoot } from './support/paths.mjs';
import { writeSection } from './support/report.mjs';
import { alignedTable } from './support/table.mjs';

const { values: options } = parseArgs({ options: { write: { type: 'boolean', default: false } } });
const seeds = [1, 2, 3];
const precisions = ['float32', 'bfloat16'];
const runs = [
  { model: 'cnn', epochs: 5, batchSize: 32, learningRate: 0.001 },
  { model: 'deep', epochs: 4, batchSize: 50, learningRate: 0.0001 },
];

const rows = runs.flatMap((run) =>
  precisions.map((precision) => {
    const accuracies = seeds.map((seed) => testAccuracy({ ...run, precision, seed }));
    const mean = accuracies.reduce((sum, each) => sum + each, 0) / accuracies.length;
    const percent = [...accuracies, mean].map((each) => (100 * each).toFixed(2));
    return [run.model, String(run.epochs), precision, ...percent];
  }),
);
const headings = ['model', 'epochs', 'precision', ...seeds.map((seed) => `seed ${seed}`), 'mean'];
const report = [
  `- Date: ${new Date().toISOString().slice(0, 10)}; engine tensorflow, one process; test accuracy in percent`,
  '',
  alignedTable(headings, rows),
].join('\n');
console.log(report);
if (options.write) writeSection('bench:precision', report);

function testAccuracy({ model, epochs, batchSize, learningRate, precision, seed }) {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-precision-'));
  const directory = join(folder, 'run');
  const flags = {
    workers: 0,
    engine: 'tensorflow',
    model,
    epochs,
    precision,
    seed,
    'batch-size': batchSize,
    'learning-rate': learningRate,
    'target-accuracy': 'none',
    'run-dir': directory,
  };
  const words = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const program = join(repositoryRoot, 'packages', 'cli', 'bin', 'lockstep.js');
  const { status, stderr } = spawnSync(process.execPath, [program, 'train', ...words]);
  try {
    if (status !== 0) throw new Error(`the run ended with ${status}: ${stderr}`);
    const { test } = JSON.parse(readFileSync(join(directory, 'run.json'), 'utf8'));
    console.log(`${model}, ${precision}, seed ${seed}: ${test.accuracy}`);
    return test.accuracy;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

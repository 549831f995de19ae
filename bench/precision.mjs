// `npm run bench:precision`: what bfloat16 costs in accuracy: the same runs in both precisions, three seeds each.
import { readFlags } from './support/options.mjs';
import { writeSection } from './support/report.mjs';
import { alignedTable } from './support/table.mjs';
import { accuracyRow } from './support/testAccuracy.mjs';

const help = `npm run bench:precision -- [options]: test accuracy by what the graph computes in
  --write          put the table into docs/benchmarks.md`;
const options = readFlags(help, { write: { type: 'boolean', default: false } });
const seeds = [1, 2, 3];
const precisions = ['float32', 'bfloat16'];
const runs = [
  { model: 'cnn', epochs: 5, 'batch-size': 32, 'learning-rate': 0.001 },
  { model: 'deep', epochs: 4, 'batch-size': 50, 'learning-rate': 0.0001 },
];

const rows = runs.flatMap((run) =>
  precisions.map((precision) => {
    const flags = { workers: 0, engine: 'tensorflow', ...run, precision };
    return [run.model, String(run.epochs), precision, ...accuracyRow(flags, seeds)];
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

// `npm run bench:compression`: what compressed gradients cost in accuracy: the same runs of two workers over the
// ring with each compression, three seeds each.
import { compressions } from '@lockstep/core/reducer';
import { readFlags } from './support/options.mjs';
import { writeSection } from './support/report.mjs';
import { alignedTable } from './support/table.mjs';
import { accuracyRow } from './support/testAccuracy.mjs';

const help = `npm run bench:compression -- [options]: test accuracy by what gradients are compressed to
  --model NAME     cnn or deep alone
  --write          put the table into docs/benchmarks.md`;
const options = readFlags(help, {
  write: { type: 'boolean', default: false },
  model: { type: 'string' },
});
const seeds = [1, 2, 3];
const runs = [
  { model: 'cnn', epochs: 5, 'batch-size': 32, 'learning-rate': 0.001 },
  { model: 'deep', epochs: 2, 'batch-size': 50, 'learning-rate': 0.0001 },
].filter(({ model }) => options.model === undefined || options.model === model);

const rows = runs.flatMap((run) =>
  compressions.map((compression) => {
    const flags = { workers: 2, engine: 'tensorflow', 'all-reduce': 'ring', ...run, compression };
    return [run.model, String(run.epochs), compression, ...accuracyRow(flags, seeds)];
  }),
);
const headings = ['model', 'epochs', 'compression', ...seeds.map((seed) => `seed ${seed}`), 'mean'];
const report = [
  `- Date: ${new Date().toISOString().slice(0, 10)}; engine tensorflow, two workers over the ring, compressed with error feedback; test accuracy in percent`,
  '',
  alignedTable(headings, rows),
].join('\n');
console.log(report);
if (options.write) writeSection('bench:compression', report);

// `npm run bench:checkpoints`: what a checkpoint costs a run of `cnn` on two workers.
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { checkpointCost } from './support/checkpointCost.mjs';
import { describeLoad, describeMachine } from './support/machine.mjs';
import { readFlags } from './support/options.mjs';
import { lockstep } from './support/paths.mjs';
import { median, ratio, spread } from './support/statistics.mjs';
import { alignedTable } from './support/table.mjs';
import { temporaryFolder } from './support/temporaryFolder.mjs';
import { timed } from './support/timed.mjs';

const help = `npm run bench:checkpoints -- [options]: a checkpoint every 100 steps against none
  --batch N,N      global batch sizes (32,128)
  --steps N        of each run (620)
  --rounds N       how often a run with checkpoints and one without follow each other (3)
  --model NAME     (cnn)
  --workers N      of one core each (2): with fewer workers than cores, the coordinator has one of its own`;
const options = readFlags(help, {
  batch: { type: 'string', default: '32,128' },
  steps: { type: 'string', default: '620' },
  rounds: { type: 'string', default: '3' },
  model: { type: 'string', default: 'cnn' },
  workers: { type: 'string', default: '2' },
});

const every = 100;
/** Steps within which a checkpoint is written, too. */
const window = 10;
/** Steps before they have their usual pace. */
const warmUp = 50;

/**
 * When rank 0 began each step but the first, in milliseconds: reports of several steps come at once, their profile
 * knows better.
 */
async function timesOf(batch, flags) {
  const folder = temporaryFolder();
  const run = join(folder, 'run');
  try {
    await timed([
      ...[...lockstep, 'train'],
      ...['--workers', options.workers, '--threads', '1', '--model', options.model],
      ...['--profile', '--verbose', '0'],
      ...['--batch-size', String(batch), '--steps', options.steps, '--engine', 'tensorflow'],
      ...['--validation-data', 'none', '--no-report', '--run-dir', run, ...flags],
    ]);
    const events = JSON.parse(readFileSync(join(run, 'profile.json'), 'utf8'));
    return events
      .filter(({ tid, name }) => tid === 0 && name === 'load')
      .map(({ ts }) => ts / 1000)
      .slice(1);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const stepTime = (times) => (times.at(-1) - times[warmUp]) / (times.length - 1 - warmUp);

const load = describeLoad();
const rows = [];
for (const batch of options.batch.split(',').map(Number)) {
  const [withThem, without, costs] = [[], [], []];
  for (let round = 0; round < Number(options.rounds); round++) {
    console.error(`batch ${batch}: round ${round + 1} of ${options.rounds}`);
    const measured = {
      with: async () => {
        const times = await timesOf(batch, ['--checkpoint-steps', String(every)]);
        withThem.push(stepTime(times));
        costs.push(...checkpointCost(times, { every, window, warmUp }));
      },
      without: async () => without.push(stepTime(await timesOf(batch, []))),
    };
    const order = round % 2 === 0 ? ['without', 'with'] : ['with', 'without'];
    for (const side of order) await measured[side]();
  }
  const cost = spread(costs);
  const share = (100 * cost.median) / (every * median(without));
  const whole = ratio(withThem, without);
  rows.push([
    String(batch),
    median(without).toFixed(2),
    median(withThem).toFixed(2),
    `${(100 * (whole.median - 1)).toFixed(1)} % (${(100 * (whole.least - 1)).toFixed(1)}..${(100 * (whole.greatest - 1)).toFixed(1)})`,
    `${cost.median.toFixed(1)} (${cost.least.toFixed(1)}..${cost.greatest.toFixed(1)})`,
    `${share.toFixed(2)} %`,
  ]);
}
console.log(
  [
    ...describeMachine(),
    `- Load before: ${load}`,
    `- ${options.model}, ${options.workers} workers of a core, ${options.steps} steps, a checkpoint every ${every}, ${options.rounds} rounds`,
    '',
    alignedTable(
      [
        ...['batch', 'ms/step without', 'ms/step with', 'difference of whole runs'],
        ...['ms of a checkpoint, within a run', 'of 100 steps'],
      ],
      rows,
    ),
  ].join('\n'),
);

// `npm run bench:accuracy`: how long it takes from the start of a program until it has trained `cnn` to 99.5 % at batch
// 32, with two workers of ours, as they are and with options, and with Keras's `fit`, on the same two cores; and until
// it ends. It takes minutes.
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { accuracyTable } from './support/accuracyTable.mjs';
import { describeLoad } from './support/machine.mjs';
import { readFlags } from './support/options.mjs';
import { benchFolder, lockstep, scalingFile } from './support/paths.mjs';
import { canPin } from './support/pinned.mjs';
import { preparePython } from './support/python.mjs';
import { describeRun, writeSection } from './support/report.mjs';
import { temporaryFolder } from './support/temporaryFolder.mjs';
import { timed } from './support/timed.mjs';
import { writeTrainingFiles } from './support/trainingFiles.mjs';

const help = `npm run bench:accuracy -- [options]: time to 99.5 % accuracy beside Keras
  --quick          one seed instead of three
  --write          put the table into docs/scaling.md`;
const options = readFlags(help, {
  quick: { type: 'boolean', default: false },
  write: { type: 'boolean', default: false },
});
const seeds = options.quick ? [1] : [1, 2, 3];
/** What two workers are started with besides. */
const variants = [[], ['--shard-optimizer'], ['--shard-optimizer', '--precision', 'bfloat16']];
/** What each of them writes as soon as it is there. */
const reached = 'Reached 99.5% accuracy';
const onTwoCores = canPin ? ['taskset', '-c', '0,1'] : [];

const load = describeLoad();
const python = preparePython('tensorflow');
const data = await writeTrainingFiles();
const rounds = [];
try {
  for (const seed of seeds) {
    const ours = [];
    for (const flags of variants) {
      console.error(`seed ${seed}: Lockstep ${flags.join(' ')}`);
      ours.push(await trainOurs(seed, flags));
    }
    const keras = [];
    for (const precision of ['float32', 'bfloat16']) {
      console.error(`seed ${seed}: Keras ${precision}`);
      keras.push(await trainKeras(seed, precision));
    }
    rounds.push({ seed, ours, keras });
  }
} finally {
  rmSync(data, { recursive: true });
}

const [{ ours, keras }] = rounds;
const report = describeRun({
  results: [{ entries: [ours[0], keras[0]] }],
  load,
  more: [`- Cores: ${canPin ? 'the same two for both' : 'all, for both'}`],
  table: accuracyTable(rounds),
});
console.log(report);
if (options.write) writeSection('bench:accuracy', report, scalingFile);

/** As a user would, but for the test split, which Keras does not look at either. */
async function trainOurs(seed, flags) {
  const folder = temporaryFolder();
  try {
    const run = join(folder, 'run');
    const command = [
      ...[...onTwoCores, ...lockstep, 'train', '--workers', '2', '--model', 'cnn'],
      ...['--batch-size', '32', '--epochs', '20', '--target-accuracy', '0.995'],
      ...['--seed', `${seed}`, '--engine', 'tensorflow', '--validation-data', 'none'],
      ...['--verbose', '2', '--run-dir', run, ...flags],
    ];
    const { seconds, marked } = await timed(command, reached);
    const record = JSON.parse(readFileSync(join(run, 'run.json'), 'utf8'));
    const { lockstepVersion, devices, epochs, metrics } = record;
    return {
      label: ['Lockstep, 2 workers', ...flags].join(' '),
      version: `Lockstep ${lockstepVersion} on ${devices.join(', ')}`,
      seconds: marked,
      whole: seconds,
      epochs,
      accuracy: metrics.accuracy,
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function trainKeras(seed, precision) {
  const script = join(benchFolder, 'peers', 'keras_accuracy.py');
  const command = [
    ...[...onTwoCores, python, script, '--seed', String(seed), '--data', data],
    ...['--precision', precision],
  ];
  const { seconds, marked, output } = await timed(command, reached);
  const label = precision === 'float32' ? 'Keras fit' : 'Keras fit, mixed_bfloat16';
  return {
    label,
    seconds: marked,
    whole: seconds,
    ...JSON.parse(output.trim().split('\n').at(-1)),
  };
}

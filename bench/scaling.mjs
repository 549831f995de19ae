// `npm run bench:scaling`: whole training steps of a real cluster, one core a worker, beside PyTorch's DDP,
// TensorFlow's MultiWorkerMirroredStrategy, and what as many workers reach that need not average.
import { rmSync } from 'node:fs';
import { attempt } from './support/attempt.mjs';
import { thisHost, twoHosts } from './support/hosts.mjs';
import { describeLoad } from './support/machine.mjs';
import { commonHelp, readOptions } from './support/options.mjs';
import { scalingFile } from './support/paths.mjs';
import { describePinning } from './support/pinned.mjs';
import { findTorch, preparePython } from './support/python.mjs';
import { describeRun, writeSection } from './support/report.mjs';
import { chooseScalingCases, titleOfScaling, trainingImages } from './support/scalingCases.mjs';
import {
  ceilingCandidate,
  jobCandidate,
  startDdp,
  startMultiWorker,
  startOurs,
} from './support/scalingPrograms.mjs';
import { scalingTable } from './support/scalingTable.mjs';
import { takeTurns } from './support/takeTurns.mjs';
import { writeTrainingFiles } from './support/trainingFiles.mjs';

const usual = {
  full: [3, 2],
  quick: [2, 1],
  cases: '2, cnn, cnn:128, deep:50:4, ...',
  document: 'docs/scaling.md',
};
const help = `npm run bench:scaling -- [options]: whole steps of a cluster beside its peers${commonHelp(usual)}
  --two-hosts        on two hosts, simulated as network namespaces of Linux: needs root
  --all-reduce HOW   as lockstep takes it (auto)
  --torch            install PyTorch into .bench/torch where no python3 has it: 5.4 GB`;
const options = readOptions(
  help,
  {
    'two-hosts': { type: 'boolean', default: false },
    'all-reduce': { type: 'string', default: 'auto' },
    torch: { type: 'boolean', default: false },
  },
  usual,
);

const load = describeLoad();
const cases = chooseScalingCases(options['two-hosts'] ? 'two' : 'one', options.only);
const torch = await attempt(() => findTorch(options.torch));
const tensorflow = await attempt(() => preparePython('tensorflow'));
const hosts = options['two-hosts'] ? await twoHosts() : thisHost;
const results = [];
try {
  for (const each of cases) results.push(await measure(each));
} finally {
  await hosts.close();
}

const more = [`- Cores of the workers: ${describePinning()}; one thread each`];
const report = describeRun({ ...options, results, load, more, table: scalingTable(results) });
console.log(report);
if (options.write)
  writeSection(`bench:scaling${hosts.count === 1 ? '' : '-two-hosts'}`, report, scalingFile);

async function measure(each) {
  const images = trainingImages(each);
  const data = await writeTrainingFiles(images);
  try {
    const given = { ...each, data, images, hosts, allReduce: options['all-reduce'] };
    const candidates = candidatesFor(given);
    return { ...each, entries: await takeTurns(titleOfScaling(each), candidates, options.rounds) };
  } finally {
    rmSync(data, { recursive: true });
  }
}

function candidatesFor(given) {
  const jobs = [
    { label: 'Lockstep', startJob: startOurs },
    {
      label: 'Lockstep, sharded optimizer',
      startJob: (each) => startOurs({ ...each, isSharded: true }),
    },
    {
      label: 'PyTorch DDP (gloo)',
      reason: torch.reason,
      startJob: (each) => startDdp(torch.value, each),
    },
    {
      label: 'TensorFlow MultiWorkerMirroredStrategy',
      reason: tensorflow.reason,
      startJob: (each) => startMultiWorker(tensorflow.value, each),
    },
  ];
  // TensorFlow's workers have to know each other's addresses before they start: on one host that is simple.
  const chosen = given.workers === 2 && hosts.count === 1 ? jobs : jobs.slice(0, 3);
  const [ours, sharded, ...peers] = chosen.map((job) => jobCandidate(job, given, options.seconds));
  const ceiling = ceilingCandidate(given, options.seconds);
  // A lone worker has nobody to share the optimizer with.
  return [ours, ...(given.workers > 1 ? [sharded] : []), ceiling, ...peers];
}

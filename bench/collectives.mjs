// `npm run bench:collectives`: our ways of adding up gradients beside PyTorch's gloo, on this machine, in one run.
import { AllReduceJob } from './support/allReduceJob.mjs';
import { attempt } from './support/attempt.mjs';
import { algorithmsFor, chooseCollectiveCases } from './support/collectiveCases.mjs';
import { collectiveTable, describeSize } from './support/collectiveTable.mjs';
import { thisHost, twoHosts } from './support/hosts.mjs';
import { describeLoad } from './support/machine.mjs';
import { commonHelp, readOptions } from './support/options.mjs';
import { scalingFile } from './support/paths.mjs';
import { describePinning } from './support/pinned.mjs';
import { findTorch } from './support/python.mjs';
import { describeRun, writeSection } from './support/report.mjs';
import { takeTurns } from './support/takeTurns.mjs';

const usual = {
  full: [5, 0.5],
  quick: [3, 0.1],
  cases: '2, cnn, 4:100MB, two-hosts, ...',
  document: 'docs/scaling.md',
};
const help = `npm run bench:collectives -- [options]: all-reduce beside gloo${commonHelp(usual)}
  --torch          install PyTorch into .bench/torch where no python3 has it: 5.4 GB`;
const options = readOptions(help, { torch: { type: 'boolean', default: false } }, usual);

const load = describeLoad();
const torch = await attempt(() => findTorch(options.torch));
const results = [];
for (const place of chooseCollectiveCases(options.only)) results.push(...(await measure(place)));

const more = [
  `- Cores of the ranks: ${describePinning()}`,
  '- Results: every one of the first operations was compared, and the last one of each turn',
];
const report = describeRun({ ...options, results, load, more, table: collectiveTable(results) });
console.log(report);
if (options.write) writeSection('bench:collectives', report, scalingFile);

/** All sizes with the same processes. */
async function measure({ hosts: count, ranks, sizes }) {
  const hosts = await attempt(() => (count === 1 ? thisHost : twoHosts()));
  const jobs = [];
  try {
    for (const algorithm of algorithmsFor({ hosts: count, ranks })) {
      console.error(`${ranks} ranks on ${count === 1 ? 'one host' : 'two hosts'}: ${algorithm}`);
      jobs.push({ label: labelOf(algorithm), job: await start(algorithm, hosts, ranks) });
    }
    const measured = [];
    for (const size of sizes) {
      const title = `${ranks} ranks, ${describeSize(size)}`;
      const candidates = jobs.map(({ label, job }) => candidateOf(label, job, size));
      const entries = await takeTurns(title, candidates, options.rounds, operationsPerSecond);
      measured.push({ hosts: count, ranks, size, entries });
    }
    return measured;
  } finally {
    await Promise.all(jobs.map(({ job }) => job.value?.stop()));
    await hosts.value?.close();
  }
}

async function start(algorithm, hosts, ranks) {
  const missing = hosts.reason ?? (algorithm === 'gloo' ? torch.reason : undefined);
  if (missing !== undefined) return { reason: missing };
  return await attempt(() =>
    AllReduceJob.start(algorithm, { hosts: hosts.value, ranks }, torch.value),
  );
}

/** A job, for arrays of one size, as `takeTurns` wants it. */
function candidateOf(label, { value: job, reason }, { length }) {
  if (reason !== undefined) return { label, reason };
  const start = async () => {
    const expectedMs = await job.prepare(length);
    return {
      name: label,
      version: job.version,
      measure: () => job.measure(options.seconds, expectedMs),
      stop: () => job.release(),
    };
  };
  return { label, start };
}

function operationsPerSecond(milliseconds) {
  return 1000 / milliseconds;
}

function labelOf(algorithm) {
  return algorithm === 'gloo' ? 'gloo' : `Lockstep (${algorithm})`;
}

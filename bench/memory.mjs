// `npm run bench:memory`: what a worker's memory comes to over 2,000 steps of `cnn`, two workers at 32 images each,
// beside a PyTorch DDP worker after the same steps.
import { rmSync } from 'node:fs';
import { attempt } from './support/attempt.mjs';
import { thisHost } from './support/hosts.mjs';
import { describeLoad } from './support/machine.mjs';
import { memoryTable } from './support/memoryTable.mjs';
import { readFlags } from './support/options.mjs';
import { scalingFile } from './support/paths.mjs';
import { findTorch } from './support/python.mjs';
import { describeRun, writeSection } from './support/report.mjs';
import { residentMemoryOf } from './support/residentMemory.mjs';
import { startDdp, startOurs } from './support/scalingPrograms.mjs';
import { writeTrainingFiles } from './support/trainingFiles.mjs';

const help = `npm run bench:memory -- [options]: a worker's memory beside that of a DDP worker
  --quick            500 steps instead of 2,000
  --all-reduce HOW   as lockstep takes it (auto)
  --torch            install PyTorch into .bench/torch where no python3 has it: 5.4 GB
  --write            put the table into docs/scaling.md`;
const options = readFlags(help, {
  quick: { type: 'boolean', default: false },
  'all-reduce': { type: 'string', default: 'auto' },
  torch: { type: 'boolean', default: false },
  write: { type: 'boolean', default: false },
});

const [batch, workers] = [32, 2];
const marks = options.quick ? [250, 500] : [500, 1000, 1500, 2000];

const load = describeLoad();
// An epoch is as long as it is from one mark to the next.
const images = marks[0] * batch * workers;
const data = await writeTrainingFiles(images);
const given = {
  model: 'cnn',
  batch,
  workers,
  images,
  data,
  hosts: thisHost,
  allReduce: options['all-reduce'],
};
const entries = [];
try {
  entries.push(await measure('Lockstep', () => startOurs(given)));
  entries.push(
    await measure('PyTorch DDP (gloo)', () => startDdp(findTorch(options.torch), given)),
  );
} finally {
  rmSync(data, { recursive: true });
}

const report = describeRun({
  results: [{ entries }],
  load,
  more: [
    `- Memory: resident, of the worker that has the most; cnn, ${batch} images a worker, ${workers} workers`,
  ],
  table: memoryTable(marks, entries),
});
console.log(report);
if (options.write) writeSection('bench:memory', report, scalingFile);

async function measure(label, start) {
  console.error(label);
  const { value, reason } = await attempt(async () => {
    const job = await start();
    try {
      const samples = [];
      for (const until of marks) {
        await job.ask({ do: 'run', until });
        samples.push(job.pids.map(residentMemoryOf));
      }
      return { label: job.name, version: job.version, samples };
    } finally {
      await job.stop();
    }
  });
  return value ?? { label, reason };
}

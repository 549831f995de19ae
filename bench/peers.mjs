// `npm run bench:peers`: Lockstep beside Keras, TensorFlow's own graph and PyTorch, on this machine, in one run.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { attempt } from './support/attempt.mjs';
import { chooseCases, titleOf } from './support/cases.mjs';
import { describeLoad } from './support/machine.mjs';
import { commonHelp, readOptions } from './support/options.mjs';
import { oursCandidate } from './support/oursCandidate.mjs';
import { benchFolder } from './support/paths.mjs';
import { findTorch, preparePython } from './support/python.mjs';
import { describeRun, writeSection } from './support/report.mjs';
import { resultTable } from './support/table.mjs';
import { takeTurns } from './support/takeTurns.mjs';
import { writeTrainingFiles } from './support/trainingFiles.mjs';

const help = `npm run bench:peers -- [options]: Lockstep beside its peers${commonHelp()}
  --engine NAME    our engine (auto)
  --torch          install PyTorch into .bench/torch where no python3 has it: 5.4 GB`;
const options = readOptions(help, {
  engine: { type: 'string', default: 'auto' },
  torch: { type: 'boolean', default: false },
});

const peers = [
  {
    label: 'Keras fit (epoch)',
    script: 'keras_fit.py',
    more: ['--clock', 'epoch'],
    python: 'tensorflow',
  },
  {
    label: 'Keras fit (call)',
    script: 'keras_fit.py',
    more: ['--clock', 'call'],
    python: 'tensorflow',
  },
  {
    label: "TensorFlow's own graph (function)",
    script: 'tf_function.py',
    more: ['--through', 'function'],
    python: 'tensorflow',
  },
  {
    label: "TensorFlow's own graph (session)",
    script: 'tf_function.py',
    more: ['--through', 'session'],
    python: 'tensorflow',
  },
  {
    label: 'PyTorch (1 thread)',
    script: 'torch_single.py',
    more: ['--threads', 'one'],
    python: 'torch',
  },
  {
    label: 'PyTorch (all threads)',
    script: 'torch_single.py',
    more: ['--threads', 'all'],
    python: 'torch',
  },
];
const pythons = {
  tensorflow: await attempt(() => preparePython('tensorflow')),
  torch: await attempt(() => findTorch(options.torch)),
};

const load = describeLoad();
const data = await writeTrainingFiles();
const results = [];
try {
  for (const each of chooseCases(options.only)) {
    const ours = oursCandidate(options.engine, each, options.seconds);
    const candidates = [ours, ...peers.map((peer) => peerCandidate(peer, each))];
    results.push({ ...each, entries: await takeTurns(titleOf(each), candidates, options.rounds) });
  }
} finally {
  rmSync(data, { recursive: true });
}
const versus = { heading: 'Lockstep is ... times as fast', reference: ([ours]) => ours };
const report = describeRun({ ...options, results, load, table: resultTable(results, versus) });
console.log(report);
if (options.write) writeSection('bench:peers', report);

function peerCandidate({ label, script, more = [], python }, { model, batch, precision }) {
  const { value, reason } = pythons[python];
  if (reason !== undefined) return { label, reason };
  const command = [
    ...[value, join(benchFolder, 'peers', script), '--model', model, '--batch', String(batch)],
    ...['--precision', precision, '--seconds', String(options.seconds), '--data', data, ...more],
  ];
  return { label, command };
}

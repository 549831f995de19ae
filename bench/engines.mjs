// `npm run bench`: our engines side by side, single process, whole steps.
import { engineNames } from '@lockstep/worker';
import { chooseCases, titleOf } from './support/cases.mjs';
import { describeLoad } from './support/machine.mjs';
import { commonHelp, readOptions } from './support/options.mjs';
import { oursCandidate } from './support/oursCandidate.mjs';
import { describeRun, writeSection } from './support/report.mjs';
import { resultTable } from './support/table.mjs';
import { takeTurns } from './support/takeTurns.mjs';

const options = readOptions(`npm run bench -- [options]: our engines side by side${commonHelp()}`);
const load = describeLoad();
const engines = [...engineNames.filter((name) => name !== 'auto'), 'tensorflow-eager'];

const results = [];
for (const each of chooseCases(options.only)) {
  const candidates = engines.map((engine) => candidate(engine, each));
  results.push({ ...each, entries: await takeTurns(titleOf(each), candidates, options.rounds) });
}
const versus = {
  heading: 'the first is ... times as fast',
  reference: (entries) => entries.find(({ rates }) => rates !== undefined),
};
const report = describeRun({ ...options, results, load, table: resultTable(results, versus) });
console.log(report);
if (options.write) writeSection('bench:engines', report);

function candidate(engine, each) {
  const ours = oursCandidate(engine, each, options.seconds);
  // A step of the large ones would take it half a minute.
  if (engine === 'cpu' && each.batch > 32) return { ...ours, reason: 'too slow for large batches' };
  return ours;
}

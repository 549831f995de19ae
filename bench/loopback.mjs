// `npm run bench:loopback`: the simulator beside real runs on this machine, over its loopback.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readNetwork, simulateAllReduce } from '@lockstep/simulator';
import { fitLogarithms } from './support/fit.mjs';
import { measureRings, measureTraining } from './support/loopbackRuns.mjs';
import { describeLoad, describeMachine } from './support/machine.mjs';
import { readFlags } from './support/options.mjs';
import { repositoryRoot } from './support/paths.mjs';
import { alignedTable } from './support/table.mjs';

const help = `npm run bench:loopback -- [options]: the simulator beside real runs over the loopback
  --fit            finds what messages cost here, and prints it, for packages/simulator/networks/loopback.json
  --write          puts what was measured into packages/simulator/measured/loopback.json, for docs/scaling.md
  --rounds N       how often each is measured (5)`;
const options = readFlags(help, {
  fit: { type: 'boolean', default: false },
  write: { type: 'boolean', default: false },
  rounds: { type: 'string', default: '5' },
});
const rounds = Number(options.rounds);

const load = describeLoad();
const rings = await measureRings(rounds);
const network = options.fit ? await fitted(readNetwork('loopback')) : readNetwork('loopback');
console.log(await comparison(network));
const training = await measureTraining(rounds);
console.log(JSON.stringify(training));
if (options.write) {
  const date = new Date().toISOString().slice(0, 10);
  const machine = describeMachine().map((line) => line.replace(/^- /, ''));
  const measured = { date, machine, load, rings, training };
  const file = join(repositoryRoot, 'packages', 'simulator', 'measured', 'loopback.json');
  writeFileSync(file, `${JSON.stringify(measured, null, 2)}\n`);
  console.log(`\nwritten to ${file}`);
}

async function simulated(description, { ranks, length }) {
  const ring = { ranks, length, allReduce: 'ring', compression: 'none' };
  return 1000 * (await simulateAllReduce(description, ring)).mean;
}

/** Of all networks like this one, that which is nearest to all points, by ratio. To send costs what to receive does. */
async function fitted(start) {
  const { host, processor } = start;
  const networkOf = ([latencyMicroseconds, messageMicroseconds, copyGigabytesPerSecond]) => ({
    ...start,
    host: { ...host, latencyMicroseconds },
    processor: {
      ...processor,
      sendMicroseconds: messageMicroseconds,
      receiveMicroseconds: messageMicroseconds,
      copyGigabytesPerSecond,
    },
  });
  const distance = async (values) => {
    let sum = 0;
    for (const point of rings) {
      sum += Math.log((await simulated(networkOf(values), point)) / point.milliseconds) ** 2;
    }
    return sum / rings.length;
  };
  const { sendMicroseconds, copyGigabytesPerSecond } = processor;
  const begin = [host.latencyMicroseconds, sendMicroseconds, copyGigabytesPerSecond];
  const values = await fitLogarithms(distance, begin);
  const found = networkOf(values.map((value) => Number(value.toPrecision(2))));
  console.log(JSON.stringify({ host: found.host, processor: found.processor }, null, 2));
  return found;
}

async function comparison(description) {
  const rows = [];
  for (const point of rings) {
    const ms = await simulated(description, point);
    const size = `${Math.round((4 * point.length) / 1000).toLocaleString('en-US')} KB`;
    const ratio = (ms / point.milliseconds).toFixed(2);
    rows.push([String(point.ranks), size, point.milliseconds.toFixed(3), ms.toFixed(3), ratio]);
  }
  return alignedTable(['ranks', 'array', 'measured ms', 'simulated ms', 'ratio'], rows);
}

// What one rank computes in a step, for the simulator: `node bench/computeTimes.mjs --write` puts it into
// packages/simulator/measured/compute.json. Engine tensorflow, one thread; everything between "the batch is
// there" and "the weights are new" that is not communication.
//
// When the gradient of a layer is known is measured by leaving out of the backward pass what comes after it:
// layers are frozen from the first on, and TensorFlow computes only what is asked for.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { optimizerConfigSchema } from '@lockstep/core';
import { LocalSamples, loadDataset } from '@lockstep/core/data';
import { zoo } from '@lockstep/core/model';
import { createEngine } from '@lockstep/worker';
import { describeMachine } from './support/machine.mjs';
import { readFlags } from './support/options.mjs';
import { repositoryRoot } from './support/paths.mjs';
import { median } from './support/statistics.mjs';

const help = `node bench/computeTimes.mjs [options]: what one rank computes in a step, layer by layer
  --rounds N       how often each is measured (200)
  --write          put it into packages/simulator/measured/compute.json, for docs/scaling.md`;
const options = readFlags(help, {
  rounds: { type: 'string', default: '200' },
  write: { type: 'boolean', default: false },
});
const cases = [
  { model: 'cnn', batch: 50 },
  { model: 'deep', batch: 50 },
];
const moment = { step: 0, position: 0 };
const learningRate = 1e-4;

const dataset = await loadDataset({ name: 'mnist' });
const samples = new LocalSamples(dataset, 1);
const engine = await createEngine('tensorflow', { threads: 1, device: 'cpu' });

const results = [];
for (const each of cases) results.push(await measure(each));
const measured = {
  date: new Date().toISOString().slice(0, 10),
  machine: describeMachine().map((line) => line.replace(/^- /, '')),
  engine: `${engine.description.device}, 1 thread`,
  cases: results,
};
await engine.dispose();
const text = `${JSON.stringify(measured, null, 2)}\n`;
console.log(text);
if (options.write) {
  writeFileSync(join(repositoryRoot, 'packages', 'simulator', 'measured', 'compute.json'), text);
}

async function measure({ model: name, batch: size }) {
  const batch = await samples.train(0, { begin: 0, end: size });
  const whole = await load(zoo[name]);
  const layers = layersOf(whole.parameters);
  // From the whole backward pass to that of the last layer alone.
  const stages = [whole];
  for (let frozen = 1; frozen < layers.length; frozen++) {
    const names = layers.slice(0, frozen).map((layer) => layer.name);
    stages.push(await load(frozenIn(zoo[name], names)));
  }
  const { gradient } = await whole.gradients(batch, moment);
  const kept = gradient.slice();
  const times = await takeTurns({
    step: () => whole.step(batch, moment, learningRate),
    apply: () => whole.apply(kept, learningRate),
    ...Object.fromEntries(
      stages.map((stage, i) => [`gradients ${i}`, () => stage.gradients(batch, moment)]),
    ),
  });
  const ready = (i) => times[`gradients ${i}`];
  const result = {
    model: name,
    batch: size,
    stepMs: times.step,
    gradientsMs: ready(0),
    applyMs: times.apply,
    // In the order in which their gradients are known; noise does not let one be ready before another.
    layers: layers.map((layer, i) => ({ ...layer, readyMs: ready(i) })).toReversed(),
  };
  for (const stage of stages) stage.dispose();
  return result;
}

function load(spec) {
  return engine.load(spec, {
    seed: 1,
    optimizer: optimizerConfigSchema.parse({ name: 'adam' }),
    imageShape: dataset.description.imageShape,
  });
}

function frozenIn(spec, names) {
  const { topology } = spec;
  const layers = topology.config.layers.map((layer) =>
    names.includes(layer.config.name)
      ? { ...layer, config: { ...layer.config, trainable: false } }
      : layer,
  );
  return { ...spec, topology: { ...topology, config: { ...topology.config, layers } } };
}

/** Name and elements of each layer that has weights, in the order of the model. */
function layersOf(parameters) {
  const elements = new Map();
  for (const { name, length } of parameters) {
    const layer = name.slice(0, name.lastIndexOf('/'));
    elements.set(layer, (elements.get(layer) ?? 0) + length);
  }
  return [...elements].map(([name, count]) => ({ name, elements: count }));
}

/** Medians in milliseconds; one of each in every round. */
async function takeTurns(tasks) {
  const times = Object.fromEntries(Object.keys(tasks).map((name) => [name, []]));
  for (let round = -5; round < Number(options.rounds); round++) {
    for (const [name, run] of Object.entries(tasks)) {
      const begin = performance.now();
      await run();
      if (round >= 0) times[name].push(performance.now() - begin);
    }
  }
  return Object.fromEntries(
    Object.entries(times).map(([name, taken]) => [name, Number(median(taken).toFixed(3))]),
  );
}

// `npm run bench:profile`: where a training step's time goes, by its phases, each as a call of its own.
import { optimizerConfigSchema } from '@lockstep/core';
import { LocalSamples, loadDataset } from '@lockstep/core/data';
import { zoo } from '@lockstep/core/model';
import { createEngine } from '@lockstep/worker';
import { readFlags } from './support/options.mjs';
import { median } from './support/statistics.mjs';

const help = `npm run bench:profile -- [options]: milliseconds of each phase of a step, one process
  --model NAME     of the zoo (deep)
  --batch N        images (50)
  --rounds N       how often each phase is timed (100)`;
const options = readFlags(help, {
  model: { type: 'string', default: 'deep' },
  batch: { type: 'string', default: '50' },
  rounds: { type: 'string', default: '100' },
});
const size = Number(options.batch);
const dataset = await loadDataset({ name: 'mnist' });
const samples = new LocalSamples(dataset, 1);
const engine = await createEngine('tensorflow');
const model = await engine.load(zoo[options.model], {
  seed: 1,
  optimizer: optimizerConfigSchema.parse({ name: 'adam' }),
  imageShape: dataset.description.imageShape,
});
const batch = await samples.train(0, { begin: 0, end: size });
const image = await samples.train(0, { begin: 0, end: 1 });
const moment = { step: 0, position: 0 };
const { gradient } = await model.gradients(batch, moment);
const phases = {
  'making the batch': () => samples.train(0, { begin: 0, end: size }),
  'forward, of one image (what a call costs, and little more)': () => model.evaluate(image),
  forward: () => model.evaluate(batch),
  'forward and backward, and the gradient copied out': () => model.gradients(batch, moment),
  'the gradient copied in, and the update': () => model.apply(gradient, 1e-4),
  'the whole step in one call': () => model.step(batch, moment, 1e-4),
};
const times = Object.fromEntries(Object.keys(phases).map((name) => [name, []]));
for (let round = 0; round < Number(options.rounds); round++) {
  for (const [name, run] of Object.entries(phases)) {
    const begin = performance.now();
    await run();
    times[name].push(performance.now() - begin);
  }
}
await engine.dispose();

console.log(`${options.model}, batch ${size}, ${engine.description.device}: medians in ms`);
for (const [name, taken] of Object.entries(times)) {
  console.log(`${median(taken).toFixed(2).padStart(8)}  ${name}`);
}

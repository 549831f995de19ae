// `npm run bench:latency`: what a step of batch 1,024 keeps waiting: how long its capture takes, and how long the
// event loop stands still at most, the preparing of batches included.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { optimizerConfigSchema } from '@lockstep/core';
import { LocalSamples, loadDataset } from '@lockstep/core/data';
import { zoo } from '@lockstep/core/model';
import { createEngine } from '@lockstep/worker';

const batch = 1024;
const steps = 50;
const seed = 1;

const dataset = await loadDataset({ name: 'mnist' });
const samples = new LocalSamples(dataset, seed);
const engine = await createEngine('tensorflow');
const model = await engine.load(zoo.cnn, {
  seed,
  optimizer: optimizerConfigSchema.parse({ name: 'adam' }),
  imageShape: dataset.description.imageShape,
});
const first = await fetchBatch(0);
const begin = performance.now();
const stepping = model.step(first, { step: 0, position: 0 }, 0.001);
// A function is captured before its first call gives its promise.
const captured = performance.now() - begin;
await stepping;
const done = performance.now() - begin;

const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
for (let step = 1; step <= steps; step++) {
  const running = model.step(await fetchBatch(step), { step, position: 0 }, 0.001);
  await running;
}
delay.disable();
await engine.dispose();

const toMs = (nanoseconds) => (nanoseconds / 1e6).toFixed(1);
console.log(`cnn, batch ${batch}, ${engine.description.device}`);
console.log(
  `captured in ${captured.toFixed(0)} ms; the first step was done after ${done.toFixed(0)} ms`,
);
console.log(
  `${steps} steps: longest block of the event loop ${toMs(delay.max)} ms, median ${toMs(delay.percentile(50))} ms`,
);

function fetchBatch(step) {
  const at = (step * batch) % (dataset.description.trainSize - batch);
  return samples.train(0, { begin: at, end: at + batch });
}

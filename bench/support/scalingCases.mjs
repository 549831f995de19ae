// What bench/scaling.mjs measures: a model, the images of a worker in a step, and a number of workers.
import { choose } from './choose.mjs';

/** `steps`: what an epoch of the measurement has at most; it ends when a turn does, so it must not take long. */
const models = [
  { model: 'cnn', batch: 32, steps: 640 },
  { model: 'cnn', batch: 128, steps: 234 },
  { model: 'cnn', batch: 1024, steps: 58 },
  { model: 'deep', batch: 50, steps: 100 },
];

/** Of MNIST. */
const mostImages = 60_000;

const places = {
  one: [1, 2, 4],
  // Two hosts that are simulated have the cores of one.
  two: [2],
};

/** All cases on one host or on two, or those that are named: `cnn:32:2`, or less (`cnn:32`, `cnn`, `2`). */
export function chooseScalingCases(hosts, names) {
  const cases = models.flatMap((model) => places[hosts].map((workers) => ({ ...model, workers })));
  return choose(cases, namesOf, names);
}

/** Whole steps only: the last one of an epoch is as large as the others. */
export function trainingImages({ steps, batch, workers }) {
  const step = batch * workers;
  return Math.min(steps, Math.floor(mostImages / step)) * step;
}

/** For people. */
export function titleOfScaling({ model, batch, workers }) {
  return `${model}, ${batch} images a worker, ${workers} worker${workers === 1 ? '' : 's'}`;
}

function namesOf({ model, batch, workers }) {
  return [model, String(workers), `${model}:${batch}`, `${model}:${batch}:${workers}`];
}

// What bench/scaling.mjs measures: a model, the images of a worker in a step, and a number of workers.
import { choose } from './choose.mjs';

/** `images`: what an epoch of the measurement has at most; it ends when a turn does, so it must not take long. */
const models = [
  { model: 'cnn', batch: 32, images: 30_000 },
  { model: 'cnn', batch: 128, images: 30_000 },
  { model: 'cnn', batch: 1024, images: 60_000 },
  { model: 'deep', batch: 50, images: 6_000 },
];

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
export function trainingImages({ images, batch, workers }) {
  return images - (images % (batch * workers));
}

/** For people. */
export function titleOfScaling({ model, batch, workers }) {
  return `${model}, ${batch} images a worker, ${workers} worker${workers === 1 ? '' : 's'}`;
}

function namesOf({ model, batch, workers }) {
  return [model, String(workers), `${model}:${batch}`, `${model}:${batch}:${workers}`];
}

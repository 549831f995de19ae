// What is measured: a model, a (global) batch size and a precision.
import { choose } from './choose.mjs';

const cases = [
  { model: 'cnn', batch: 32, precision: 'float32' },
  { model: 'cnn', batch: 128, precision: 'float32' },
  { model: 'cnn', batch: 1024, precision: 'float32' },
  { model: 'deep', batch: 50, precision: 'float32' },
  { model: 'deep', batch: 50, precision: 'bfloat16' },
];

/** All cases, or those that are named: by all that they are (`cnn:32:float32`) or less (`cnn:32`, `cnn`). */
export function chooseCases(names) {
  return choose(cases, namesOf, names);
}

/** For people. */
export function titleOf({ model, batch, precision }) {
  return `${model}, batch ${batch}, ${precision}`;
}

function namesOf({ model, batch, precision }) {
  return [model, `${model}:${batch}`, `${model}:${batch}:${precision}`];
}

// What is measured: a model, a (global) batch size and a precision.

const cases = [
  { model: 'cnn', batch: 32, precision: 'float32' },
  { model: 'cnn', batch: 128, precision: 'float32' },
  { model: 'cnn', batch: 1024, precision: 'float32' },
  { model: 'deep', batch: 50, precision: 'float32' },
  { model: 'deep', batch: 50, precision: 'bfloat16' },
];

/** All cases, or those that are named: by all that they are (`cnn:32:float32`) or less (`cnn:32`, `cnn`). */
export function chooseCases(names) {
  const unknown = names.find((name) => !cases.some((each) => namesOf(each).includes(name)));
  if (unknown !== undefined) {
    const known = cases.map((each) => namesOf(each).at(-1)).join(', ');
    throw new Error(`there is no case '${unknown}': use ${known}, or less of such a name`);
  }
  if (names.length === 0) return cases;
  return cases.filter((each) => names.some((name) => namesOf(each).includes(name)));
}

/** For people. */
export function titleOf({ model, batch, precision }) {
  return `${model}, batch ${batch}, ${precision}`;
}

function namesOf({ model, batch, precision }) {
  return [model, `${model}:${batch}`, `${model}:${batch}:${precision}`];
}

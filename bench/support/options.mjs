// The arguments that all comparisons take.
import { parseArgs } from 'node:util';

const common = {
  quick: { type: 'boolean', default: false },
  rounds: { type: 'string' },
  seconds: { type: 'string' },
  only: { type: 'string', multiple: true, default: [] },
  write: { type: 'boolean', default: false },
};

/** What a program does unless it is told otherwise. */
const usual = {
  full: [5, 3],
  quick: [3, 1],
  cases: 'cnn, cnn:32, deep:50:bfloat16, ...',
  document: 'docs/benchmarks.md',
};

/** @param ours what is not as it usually is: `[rounds, seconds]` in `full` and `quick`, examples of `cases`, the `document` */
export function commonHelp(ours = {}) {
  const { full, quick, cases, document } = { ...usual, ...ours };
  return `
  --quick          a fast look: ${quick[0]} rounds of ${quick[1]} s; good for nothing else
  --rounds N       how often everybody takes a turn (${full[0]})
  --seconds N      how long a turn takes, about (${full[1]})
  --only CASE      some cases only: ${cases}; may be given several times
  --write          put the table into ${document}`;
}

/**
 * @param more options of one comparison, as node:util's parseArgs takes them
 * @param ours as `commonHelp` takes it
 */
export function readOptions(help, more = {}, ours = {}) {
  const values = readFlags(help, { ...common, ...more });
  if (values.write && values.only.length > 0) {
    throw new Error('--write needs every case: leave --only out');
  }
  const { full, quick } = { ...usual, ...ours };
  const [rounds, seconds] = values.quick ? quick : full;
  return {
    ...values,
    rounds: positive('rounds', values.rounds ?? rounds),
    seconds: positive('seconds', values.seconds ?? seconds),
  };
}

/** @param flags as node:util's parseArgs takes them; `--help` is one of every program */
export function readFlags(help, flags) {
  const { values } = parseArgs({
    options: { ...flags, help: { type: 'boolean', default: false } },
  });
  if (!values.help) return values;
  console.log(help);
  return process.exit(0);
}

function positive(name, text) {
  const value = Number(text);
  if (value > 0) return value;
  throw new Error(`--${name} takes a number above 0, not '${text}'`);
}

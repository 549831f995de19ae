// The arguments that both comparisons take.
import { parseArgs } from 'node:util';

const common = {
  quick: { type: 'boolean', default: false },
  rounds: { type: 'string' },
  seconds: { type: 'string' },
  only: { type: 'string', multiple: true, default: [] },
  write: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
};

export const commonHelp = `
  --quick          a fast look: 3 rounds of 1 second; good for nothing else
  --rounds N       how often everybody takes a turn (5)
  --seconds N      how long a turn takes, about (3)
  --only CASE      some cases only: cnn, cnn:32, deep:50:bfloat16, ...; may be given several times
  --write          put the table into docs/benchmarks.md`;

/** @param more options of one comparison, as node:util's parseArgs takes them */
export function readOptions(help, more = {}) {
  const { values } = parseArgs({ options: { ...common, ...more } });
  if (values.help) {
    console.log(help);
    process.exit(0);
  }
  if (values.write && values.only.length > 0) {
    throw new Error('--write needs every case: leave --only out');
  }
  const [rounds, seconds] = values.quick ? [3, 1] : [5, 3];
  return {
    ...values,
    rounds: positive('rounds', values.rounds ?? rounds),
    seconds: positive('seconds', values.seconds ?? seconds),
  };
}

function positive(name, text) {
  const value = Number(text);
  if (value > 0) return value;
  throw new Error(`--${name} takes a number above 0, not '${text}'`);
}

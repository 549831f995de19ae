import { parseArgs } from 'node:util';
import { type Compression, compressions, LockstepError } from '@lockstep/core';
import { type Algorithm, algorithms } from '../collective/algorithm.js';
import { parseRanks } from './ranks.js';

/** What `npm run simulate` is asked for. */
export interface Options {
  readonly network: string;
  readonly model: string;
  readonly batch: number;
  readonly ranks: readonly number[];
  readonly allReduce: readonly Algorithm[];
  readonly compression: Compression;
  /** Null: as the network has it. */
  readonly ranksPerHost: number | null;
  /** Null: the core that was measured computes; else a device beside it, that many times as fast. */
  readonly speed: number | null;
  readonly steps: number;
  readonly seed: number;
  readonly json: boolean;
  readonly write: boolean;
  readonly help: boolean;
}

export const help = `npm run simulate -- [options]: the collectives over a virtual network, in virtual time

  --network NAME       25gbit, 10gbit, 1gbit, loopback, or a file of your own (25gbit)
  --model NAME         cnn, deep (deep)
  --batch N            images a rank: what was measured (50)
  --ranks LIST         256, or 2,4,8, or 1..4096 (1..256)
  --all-reduce LIST    ${algorithms.join(', ')} (ring)
  --compression NAME   ${compressions.join(', ')} (none)
  --ranks-per-host N   instead of what the network says
  --speed X            a device computes, X times as fast as the core that was measured
  --steps N            mean of so many steps; they differ where there is jitter (1)
  --seed N             of all that is random (1)
  --json               a line of JSON for each row
  --write              the study of docs/scaling.md, with its figures; takes some minutes, and no other options`;

const declared = {
  network: { type: 'string', default: '25gbit' },
  model: { type: 'string', default: 'deep' },
  batch: { type: 'string', default: '50' },
  ranks: { type: 'string', default: '1..256' },
  'all-reduce': { type: 'string', default: 'ring' },
  compression: { type: 'string', default: 'none' },
  'ranks-per-host': { type: 'string' },
  speed: { type: 'string' },
  steps: { type: 'string', default: '1' },
  seed: { type: 'string', default: '1' },
  json: { type: 'boolean', default: false },
  write: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** @throws USAGE */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parsed(args);
  const { 'all-reduce': allReduce, 'ranks-per-host': ranksPerHost, compression } = values;
  return {
    network: values.network,
    model: values.model,
    batch: wholeNumber('--batch', values.batch),
    ranks: parseRanks(values.ranks),
    allReduce: allReduce.split(',').map((name) => oneOf('--all-reduce', name, algorithms)),
    compression: oneOf('--compression', compression, compressions),
    ranksPerHost: ranksPerHost === undefined ? null : wholeNumber('--ranks-per-host', ranksPerHost),
    speed: values.speed === undefined ? null : positive('--speed', values.speed),
    steps: wholeNumber('--steps', values.steps),
    seed: wholeNumber('--seed', values.seed),
    json: values.json,
    write: values.write,
    help: values.help,
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: declared });
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new LockstepError('USAGE', message, { hint: 'See npm run simulate -- --help.', cause });
  }
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (value > 0 && value < Number.POSITIVE_INFINITY) return value;
  throw new LockstepError('USAGE', `${name} takes a number above 0, not '${text}'`, {
    hint: `Write ${name} 1.`,
  });
}

function wholeNumber(name: string, text: string): number {
  const value = positive(name, text);
  if (Number.isSafeInteger(value)) return value;
  throw new LockstepError('USAGE', `${name} takes a whole number, not '${text}'`, {
    hint: `Write ${name} ${Math.ceil(value)}.`,
  });
}

function oneOf<Name extends string>(option: string, text: string, names: readonly Name[]): Name {
  const found = names.find((name) => name === text);
  if (found !== undefined) return found;
  throw new LockstepError('USAGE', `${option} knows no '${text}'`, {
    hint: `Use ${names.join(', ')}.`,
  });
}

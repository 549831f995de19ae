import { parseArgs } from 'node:util';
import { LockstepError } from '@lockstep/core';

/** What is asked of the cluster simulation: many seeds, or one to be looked at. */
export type ClusterOptions =
  | {
      readonly kind: 'seeds';
      readonly first: number;
      readonly count: number;
      readonly threads: number;
      readonly failures: number;
    }
  | { readonly kind: 'trace'; readonly seed: number };

export const clusterHelp = `npm run simulate -- --seeds N [options]: whole clusters, with faults, in virtual time

  --seeds N            so many runs, each with a scenario of its own
  --first-seed K       the first of them (1)
  --threads N          so many at a time (one for each core)
  --failures N         stop when so many have failed (20)
  --seed S --trace     one run, as a transcript`;

/** These are meant for the cluster simulation, and not for that of the collectives. */
export const isForClusters = (args: readonly string[]): boolean =>
  args.some((arg) => /^--(seeds|trace)(=|$)/.test(arg));

/** @throws USAGE */
export function parseClusterOptions(args: readonly string[], cores: number): ClusterOptions {
  const { seeds, 'first-seed': first, threads, failures, seed, trace } = parsed(args);
  if (trace) {
    if (seed === undefined) throw usage('--trace is for one seed', 'Write --seed 7 --trace.');
    return { kind: 'trace', seed: wholeNumber('--seed', seed) };
  }
  return {
    kind: 'seeds',
    first: wholeNumber('--first-seed', first ?? '1'),
    count: wholeNumber('--seeds', seeds ?? ''),
    threads: wholeNumber('--threads', threads ?? String(cores)),
    // Whoever looks for a fault wants to see some of its kind, not all.
    failures: wholeNumber('--failures', failures ?? '20'),
  };
}

function parsed(args: readonly string[]) {
  const options = {
    seeds: { type: 'string' },
    'first-seed': { type: 'string' },
    threads: { type: 'string' },
    failures: { type: 'string' },
    seed: { type: 'string' },
    trace: { type: 'boolean' },
  } as const;
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (cause) {
    throw usage(cause instanceof Error ? cause.message : String(cause));
  }
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (text !== '' && Number.isSafeInteger(value) && value > 0) return value;
  throw usage(`${name} takes a whole number above 0, not '${text}'`, `Write ${name} 100.`);
}

const usage = (message: string, hint = 'See npm run simulate -- --help.') =>
  new LockstepError('USAGE', message, { hint });

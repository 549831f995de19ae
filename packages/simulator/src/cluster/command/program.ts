import { availableParallelism } from 'node:os';
import type { Output } from '../../command/output.js';
import { type Result, simulateSeed } from '../simulate.js';
import { transcriptTo } from '../trace/transcript.js';
import { invariants } from '../watch/violation.js';
import { type ClusterOptions, parseClusterOptions } from './options.js';
import { runInThreads } from './pool.js';

const progressMs = 5_000;

/** @returns the exit code: 1 where a seed fails */
export async function runClusters(args: readonly string[], output: Output): Promise<number> {
  const options = parseClusterOptions(args, availableParallelism());
  return options.kind === 'trace' ? await trace(options.seed, output) : await run(options, output);
}

async function trace(seed: number, { print }: Output): Promise<number> {
  const result = await simulateSeed(seed, transcriptTo(print));
  print(result.violation === null ? `Seed ${seed}: all as it must be.` : describe(result));
  return result.violation === null ? 0 : 1;
}

async function run(
  { first, count, threads, failures: most }: Extract<ClusterOptions, { kind: 'seeds' }>,
  { print }: Output,
): Promise<number> {
  const begun = performance.now();
  const outcomes = new Map<string, number>();
  let seeds = 0;
  let events = 0;
  let failures = 0;
  let told = begun;
  await runInThreads({ first, count, threads }, (done, size) => {
    seeds += size;
    events += done.events;
    for (const result of done.failed) print(describe(result));
    failures += done.failed.length;
    for (const [how, times] of Object.entries(done.outcomes)) {
      outcomes.set(how, (outcomes.get(how) ?? 0) + times);
    }
    if (performance.now() - told > progressMs) {
      told = performance.now();
      print(`${seeds} of ${count} seeds, ${failures} failed`);
    }
    return failures < most;
  });
  const seconds = (performance.now() - begun) / 1000;
  for (const [how, times] of [...outcomes].sort(([, a], [, b]) => b - a)) {
    print(`${String(times).padStart(7)}  ${how || 'no outcome'}`);
  }
  print(
    `${seeds} seeds, ${events} events, in ${seconds.toFixed(1)} s on ${threads} threads: ${failures} failed`,
  );
  return failures === 0 ? 0 : 1;
}

function describe({ seed, violation }: Result): string {
  if (violation === null) return '';
  const { invariant, message, at } = violation;
  const replay = `npm run simulate -- --seed ${seed} --trace`;
  return `seed ${seed} breaks '${invariant}' (${invariants[invariant]}) at ${at.toFixed(0)} ms: ${message}\n  ${replay}`;
}

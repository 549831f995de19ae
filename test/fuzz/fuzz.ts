import type { Link } from '@lockstep/core/transport';
import fc from 'fast-check';
import { Cluster } from '../../packages/coordinator/src/runtime/cluster.suite.js';
import { defectOfDecoding } from '../../packages/core/src/protocol/decoding.suite.js';
import { hostileFrames } from '../../packages/core/src/protocol/hostileFrames.suite.js';

export interface FuzzOptions {
  /** Rounded up to whole thousands. */
  readonly frames: number;
  readonly seed: number;
  /** Told after each thousand. */
  readonly onProgress?: (frames: number) => void;
}

/** What the frames found: bytes that were not taken as they should be. */
export interface Finding {
  /** Finds it again, as the first of that run. */
  readonly seed: number;
  readonly defect: string;
  readonly frames: readonly Uint8Array[];
}

/** Made of one seed, and looked at together. */
const chunk = 1_000;
const senders = ['worker', 'coordinator'] as const;
const both = fc.record({
  worker: hostileFrames('worker'),
  coordinator: hostileFrames('coordinator'),
});
/** Messages of one stranger, before another one comes. */
const perStranger = 10;

/**
 * Gives so many hostile messages to the decoder, and those of workers to a coordinator, too, in which a worker trains
 * all the while.
 *
 * @returns the first one that was not refused or believed as it should be; null: all were
 * @throws when the worker does not train on
 */
export async function fuzz(options: FuzzOptions): Promise<Finding | null> {
  const cluster = await Cluster.start();
  const finding = await hunt(cluster, options).finally(() => cluster.stop());
  const outcome = await cluster.outcome;
  if (outcome.stoppedBy === 'signal') return finding;
  throw new Error(`the run ended by itself: ${outcome.message}`);
}

async function hunt(
  cluster: Cluster,
  { frames, seed, onProgress }: FuzzOptions,
): Promise<Finding | null> {
  const puppet = await cluster.puppet();
  await puppet.trained(1);
  for (let done = 0; done < frames; done += chunk) {
    const pairs = fc.sample(both, { seed: seed + done, numRuns: chunk / 2 });
    for (const from of senders) {
      for (const { [from]: message } of pairs) {
        const defect = defectOfDecoding(message, from);
        if (defect !== null) return { seed: seed + done, defect, frames: message };
      }
    }
    const strangers = await shout(
      cluster,
      pairs.map(({ worker }) => worker),
    );
    // What the strangers said stands in the queue before what the worker says now.
    await within(puppet.trained(puppet.steps + 3), seed + done);
    await Promise.all(strangers.map((link) => link.close()));
    onProgress?.(done + chunk);
  }
  return null;
}

/** @returns their connections, still open */
async function shout(cluster: Cluster, messages: readonly Uint8Array[][]): Promise<Link[]> {
  const links: Link[] = [];
  for (const [i, message] of messages.entries()) {
    if (i % perStranger === 0) links.push(await cluster.connect());
    if (message.length > 0) await links.at(-1)!.send(message);
  }
  return links;
}

/** Longer than a thousand frames take anywhere. */
const patienceMs = 60_000;

async function within(work: Promise<void>, seed: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    const message = `the worker stood still for ${patienceMs / 1000} s, at seed ${seed}`;
    timer = setTimeout(() => reject(new Error(message)), patienceMs);
  });
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}

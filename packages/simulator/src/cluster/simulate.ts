import { Cluster } from './cluster.js';
import { Injector } from './injector.js';
import { drawScenario } from './scenario/draw.js';
import type { Scenario } from './scenario/scenario.js';
import { noTranscript, type Transcript } from './trace/transcript.js';
import type { Violation } from './watch/violation.js';
import { takeOver } from './world/globals.js';

/** No run takes longer, whatever befalls it: the sum of all deadlines, and time to train. Virtual milliseconds. */
const longestMs = 900_000;

export interface Result {
  readonly seed: number;
  /** Null: all was as it must be. */
  readonly violation: Violation | null;
  /** How the run ended, in the words of its outcome; and how it did when it was gone on with, if it was. */
  readonly outcomes: readonly string[];
  readonly events: number;
}

/** The run of a seed, from its beginning to its end. */
export const simulateSeed = (seed: number, transcript?: Transcript): Promise<Result> =>
  simulateCluster(drawScenario(seed), transcript);

/** A run as it is described. One at a time in a thread: time is the thread's. */
export async function simulateCluster(
  scenario: Scenario,
  transcript: Transcript = noTranscript,
): Promise<Result> {
  const cluster = new Cluster(scenario, transcript);
  const { world, watcher } = cluster;
  const giveBack = takeOver(world);
  const surprised = (reason: unknown): void => {
    watcher.fail('no-surprise', reason instanceof Error ? String(reason.stack) : String(reason));
  };
  process.on('unhandledRejection', surprised);
  const outcomes: string[] = [];
  try {
    const injector = new Injector(cluster);
    cluster.startCoordinator();
    startWorkers(cluster, scenario);
    await runToEnd(cluster, outcomes);
    injector.end();
    if (watcher.violation === null && cluster.outcome?.stoppedBy !== 'epochs') {
      await goOn(cluster, outcomes);
    }
  } finally {
    giveBack();
    process.off('unhandledRejection', surprised);
  }
  return { seed: scenario.seed, violation: watcher.violation, outcomes, events: world.events };
}

/** Whatever a run has come to, it can be gone on with, and comes to the end that it would have had. */
async function goOn(cluster: Cluster, outcomes: string[]): Promise<void> {
  const { network, disk, watcher, scenario } = cluster;
  cluster.log('fault', 'none any more: the run is resumed');
  network.heal();
  disk.makeRoom();
  watcher.expectSuccess();
  cluster.outcome = null;
  cluster.startCoordinator();
  startWorkers(cluster, {
    ...scenario,
    members: scenario.members.map((member) => ({ ...member, comesAt: 0 })),
  });
  await runToEnd(cluster, outcomes);
}

/** Those that come from elsewhere. */
function startWorkers(cluster: Cluster, { place, members }: Scenario): void {
  if (place === 'here') return;
  for (const [number, { comesAt }] of members.entries()) {
    cluster.world.after(comesAt, null, () => {
      if (cluster.outcome === null && !cluster.workers.has(number)) cluster.startWorker(number);
    });
  }
}

async function runToEnd(cluster: Cluster, outcomes: string[]): Promise<void> {
  const { world, watcher } = cluster;
  const latest = world.now + longestMs;
  await world.run(() => watcher.violation !== null || cluster.isOver || world.now > latest);
  if (!cluster.isOver) {
    const running = [cluster.coordinator, ...cluster.workers.values()];
    const names = running.flatMap((each) => each?.process.name ?? []);
    watcher.fail('ends', `after ${longestMs / 1000} s these still run: ${names.join(', ')}`);
  }
  const { outcome } = cluster;
  if (outcome !== null) outcomes.push(`${outcome.stoppedBy} ${outcome.code ?? ''}`.trim());
}

import type { Scenario } from '../scenario/scenario.js';

/** What the processes take to start, to say hello and to be given ranks, with room to spare. */
const marginMs = 4_000;
/** Before a worker of the coordinator's own is started again for the first time; each time after that, twice as long. */
const firstBackoffMs = 1_000;

/**
 * Whether this run is promised to come to its end: some of its workers die or leave at any moment, and enough of them
 * are never touched; or the coordinator dies once training has begun, and comes back.
 */
export function isPromisedToEnd(scenario: Scenario): boolean {
  const { faults } = scenario;
  const ofWorkers = faults.filter(
    (fault) => fault.what === 'leave' || (fault.what === 'crash' && fault.who !== 'coordinator'),
  );
  const ofCoordinator = faults.filter(
    (fault) => fault.what === 'crash' && fault.who === 'coordinator',
  );
  if (faults.length === 0) return true;
  if (ofWorkers.length === faults.length) return survivesLosses(scenario);
  return ofCoordinator.length === faults.length && survivesRestart(scenario);
}

function survivesLosses(scenario: Scenario): boolean {
  const { faults, workers, minWorkers, maxRestarts, place, timeouts } = scenario;
  const struck = new Set(faults.map((fault) => ('who' in fault ? fault.who : null)));
  const untouched = workers - struck.size;
  if (place === 'at') return minWorkers < workers && untouched >= minWorkers;
  // Those that are lost are started again, while the others wait for them.
  const isElastic = maxRestarts > 0;
  const waitMs = firstBackoffMs * 2 ** faults.length + marginMs;
  const isInTime = waitMs < Math.min(timeouts.join, timeouts.rejoin);
  return (
    isElastic &&
    faults.length <= maxRestarts &&
    untouched > 0 &&
    (untouched >= minWorkers || isInTime)
  );
}

/** Its workers notice by its silence, and come back while it waits for them. */
function survivesRestart({ faults, timeouts }: Scenario): boolean {
  const awayMs = Math.max(
    ...faults.map((fault) =>
      fault.what === 'crash' ? (fault.backMs ?? Number.POSITIVE_INFINITY) : 0,
    ),
  );
  return timeouts.silence + marginMs < timeouts.join && awayMs + marginMs < timeouts.reconnect;
}

import type { Fault, Victim } from '../scenario/faults.js';
import { comesLate, type Scenario } from '../scenario/scenario.js';

/** What the processes take to start, to say hello and to be given ranks, with room to spare. */
const marginMs = 4_000;
/** Before a worker of the coordinator's own is started again for the first time; each time after that, twice as long. */
const firstBackoffMs = 1_000;

/**
 * Whether this run is promised to come to its end: some of its workers die, stand still, cannot be reached or leave, at
 * any moment, and enough of them are never touched; or the coordinator dies once training has begun, and comes back.
 */
export function isPromisedToEnd(scenario: Scenario): boolean {
  const struck = scenario.faults.map((fault) => struckBy(fault, scenario));
  if (struck.every((victims) => victims !== null && !victims.includes('coordinator'))) {
    return survivesLosses(scenario, struck.flat() as number[]);
  }
  const isOfCoordinator = ({ what, who }: { what: string; who?: Victim }): boolean =>
    what === 'crash' && who === 'coordinator';
  return scenario.faults.every(isOfCoordinator) && survivesRestart(scenario);
}

/**
 * Whom a fault may cost the run, at worst; null: it is not of that kind.
 *
 * Where the connection of two ranks is lost in a ring, all of them wait for each other, and all are held to be lost.
 */
function struckBy(fault: Fault, { allReduce }: Scenario): readonly Victim[] | null {
  switch (fault.what) {
    case 'crash':
    case 'leave':
      return [fault.who];
    case 'pause':
      return [fault.who];
    case 'cut':
      return allReduce === 'ring' ? null : [fault.who];
    case 'block': {
      if (allReduce === 'ring') return null;
      const workers = [fault.from, fault.to].filter((who) => who !== 'coordinator');
      return [...new Set(workers)];
    }
    case 'full-disk':
    case 'interrupt':
    case 'flip':
      return null;
  }
}

function survivesLosses(scenario: Scenario, struck: readonly number[]): boolean {
  const { members, workers, minWorkers, maxRestarts, place, timeouts } = scenario;
  if (struck.length === 0) return true;
  const untouched = workers - new Set(struck).size;
  if (place === 'at') {
    const late = members.filter((_, i) => comesLate(scenario, i) && !struck.includes(i)).length;
    return minWorkers < workers && untouched - late >= minWorkers;
  }
  // Those that are lost are started again, while the others wait for them.
  const waitMs = firstBackoffMs * 2 ** struck.length + marginMs;
  const isInTime = waitMs < Math.min(timeouts.join, timeouts.rejoin);
  const isElastic = maxRestarts > 0;
  return (
    isElastic &&
    struck.length <= maxRestarts &&
    untouched > 0 &&
    (untouched >= minWorkers || isInTime)
  );
}

function survivesRestart({ faults, timeouts }: Scenario): boolean {
  const awayMs = Math.max(
    ...faults.map((fault) =>
      fault.what === 'crash' ? (fault.backMs ?? Number.POSITIVE_INFINITY) : 0,
    ),
  );
  return timeouts.silence + marginMs < timeouts.join && awayMs + marginMs < timeouts.reconnect;
}

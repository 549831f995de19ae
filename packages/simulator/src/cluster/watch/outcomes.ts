import type { Outcome } from '@lockstep/coordinator';
import type { ErrorCode } from '@lockstep/core';
import type { Fault } from '../scenario/faults.js';
import { comesLate, isHostile, type Scenario } from '../scenario/scenario.js';

/** Ways to say that workers are gone. */
const lost: readonly ErrorCode[] = ['WORKER_LOST', 'TOO_FEW_WORKERS', 'NO_WORKERS'];

/** How a run may fail by each fault. Nothing else explains a failure, and none explains another code. */
const failures: Readonly<Record<Fault['what'], readonly ErrorCode[]>> = {
  crash: lost,
  // One that was let go while it stood still hears so from nobody, and gives up by itself.
  pause: [...lost, 'COORDINATOR_UNREACHABLE'],
  // A message that is lost leaves a rank behind; it may be the first to notice.
  cut: [...lost, 'PROTOCOL_VIOLATION'],
  block: [...lost, 'PROTOCOL_VIOLATION'],
  leave: lost,
  'full-disk': ['RUN_DIRECTORY'],
  flip: ['RANKS_DIFFER'],
  interrupt: [],
};

/**
 * Why this run should not have ended as it has; null: it may.
 *
 * @param isPromised no fault of this run explains a failure
 */
export function unexplained(
  scenario: Scenario,
  outcome: Outcome,
  isPromised: boolean,
): string | null {
  const { faults, members } = scenario;
  const { stoppedBy, code, message, signal } = outcome;
  if (stoppedBy === 'epochs') return null;
  if (stoppedBy === 'signal') {
    return faults.some(({ what }) => what === 'interrupt')
      ? null
      : `it was stopped by ${signal}, and nobody has sent one`;
  }
  const isLate = members.some((_, worker) => comesLate(scenario, worker));
  const codes = [
    ...(isPromised ? [] : faults.flatMap(({ what }) => failures[what])),
    // Where an average comes after the word to halt, a rank that is left has not applied it, and others have.
    ...(isHostile(scenario) ? [...lost, 'PROTOCOL_VIOLATION', 'RANKS_DIFFER'] : []),
    ...(isLate ? ['NO_WORKERS'] : []),
  ];
  if (stoppedBy === 'error' && codes.includes(code ?? 'INTERNAL')) return null;
  return `it ended by ${stoppedBy} ${code ?? ''}: ${message}`;
}

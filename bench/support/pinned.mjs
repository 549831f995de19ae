import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** Whether this system can keep a process on one core. */
export const canPin = spawnSync('taskset', ['-c', '0', 'true']).status === 0;

/** The command of a rank on a core of its own, or of as few ranks as there can be. */
export function pinned(command, rank) {
  return canPin ? ['taskset', '-c', String(rank % availableParallelism()), ...command] : command;
}

/** For a report. */
export function describePinning() {
  return canPin ? 'rank modulo cores' : 'not pinned: there is no taskset here';
}

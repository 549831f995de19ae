import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

const onCore = (core) => ['taskset', '-c', String(core)];

/** Whether this system can keep a process on one core. */
export const canPin = spawnSync(onCore(0)[0], [...onCore(0).slice(1), 'true']).status === 0;

/** The command of a rank on a core of its own, or of as few ranks as there can be. */
export function pinned(command, rank) {
  return canPin ? [...onCore(rank % availableParallelism()), ...command] : command;
}

/** For a report. */
export function describePinning() {
  return canPin ? 'rank modulo cores' : 'not pinned: there is no taskset here';
}

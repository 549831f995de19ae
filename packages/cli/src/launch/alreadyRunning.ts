import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { RunRecord } from '@lockstep/coordinator';
import { isAlive, LockstepError } from '@lockstep/core';

/**
 * Two coordinators would write the same checkpoints.
 *
 * @throws RUN_DIRECTORY while the one that this run was begun by lives, on this host
 */
export async function refuseWhileRunning(path: string): Promise<void> {
  const { stoppedBy, processes } = await readRecord(join(path, 'run.json'));
  const coordinator = processes?.find(({ role }) => role === 'coordinator');
  if (stoppedBy !== null || coordinator?.host !== hostname() || !isAlive(coordinator.pid)) return;
  throw new LockstepError(
    'RUN_DIRECTORY',
    `the run in ${path} is still running, in process ${coordinator.pid}`,
    { hint: 'Wait for its end, or stop it first (Ctrl-C saves a checkpoint).' },
  );
}

/**
 * The id of a run whose coordinator died before it had saved anything: it is begun again under that id, for workers wait
 * for that run to come back. Null: there is none.
 */
export async function unsavedRun(path: string | null): Promise<string | null> {
  if (path === null) return null;
  const { stoppedBy, runId } = await readRecord(join(path, 'run.json'));
  return stoppedBy === null ? (runId ?? null) : null;
}

/** A damaged run.json is no reason not to go on: the checkpoints tell all that is needed. */
async function readRecord(file: string): Promise<Partial<RunRecord>> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Partial<RunRecord>;
  } catch {
    return {};
  }
}

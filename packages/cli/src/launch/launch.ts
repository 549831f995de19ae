import { join } from 'node:path';
import type { Callback } from '@lockstep/core/callbacks';
import { type Listener, memoryTransport, zeromqTransport } from '@lockstep/core/transport';
import { devicesFor } from '../devices/resolve.js';
import type { TrainOptions } from '../options/options.js';
import { version } from '../version.js';
import { type Audience, conduct, type Finished } from './conduct.js';
import { ensureEngine } from './ensureEngine.js';
import type { Place } from './plannedRun.js';
import { type Asked, prepare } from './prepare.js';
import { resumeRun } from './resume.js';
import { newRunId } from './runDirectory.js';
import { RunLock } from './runLock.js';
import { unsavedRun } from './unsavedRun.js';

/** A run as it is asked for. */
export interface Given extends Asked {
  readonly place: Place;
  /** Beside those that the options ask for. */
  readonly callbacks: readonly Callback[];
}

/**
 * A whole run, from the options to the outcome: data, run directory, coordinator, and the workers of this
 * machine. `train`, `train --workers 0` and `coordinator` differ in where it listens and who it starts.
 *
 * @throws LockstepError where it cannot begin; what goes wrong later is an outcome
 */
export async function launch(given: Given, audience: Audience): Promise<Finished> {
  const lock = new RunLock();
  try {
    return await launchWith(lock, given, audience);
  } finally {
    await lock.release();
  }
}

async function launchWith(lock: RunLock, given: Given, audience: Audience): Promise<Finished> {
  const { resume } = given.options;
  const resumed =
    resume === null ? null : await resumeRun(resume, given.options, given.sources, lock);
  const { initFrom } = given.options;
  // What reads such files is not loaded for those who have none.
  const beginning = initFrom === null || resumed !== null ? null : await import('./initFrom.js');
  const begun = beginning && (await beginning.beginFrom(initFrom!, given));
  const prepared = await prepare(begun?.asked ?? given, resumed, begun?.model ?? null);
  const { options } = prepared;
  const { place, callbacks } = given;
  const runId =
    resumed?.checkpoint.header.runId ??
    (await unsavedRun(options.runDir)) ??
    newRunId(prepared.model.name);
  const first =
    begun && (await beginning!.firstCheckpoint(begun, prepared, { id: runId, version }));
  const path = resumed?.path ?? options.runDir ?? join('runs', runId);
  const inProcess = place.kind === 'here' && options.workers === 0;
  const devices = await devicesFor(options);
  // Before anybody waits for a worker, and once for all of them.
  if (place.kind === 'here') await ensureEngine(options.engine, { stream: process.stderr });
  const listener = await listen(place, inProcess, runId, options);
  const run = { ...prepared, runId, path, place, inProcess, devices, resumed, first, callbacks };
  try {
    return await conduct({ ...run, lock, warnings: begun?.warnings ?? [] }, listener, audience);
  } finally {
    await listener.close();
  }
}

function listen(
  place: Place,
  inProcess: boolean,
  runId: string,
  { heartbeatTimeoutMs }: TrainOptions,
): Promise<Listener> {
  if (inProcess) return memoryTransport.listen(`memory://${runId}`);
  const address = place.kind === 'at' ? place.listen : 'tcp://127.0.0.1:0';
  return zeromqTransport.listen(address, { heartbeatTimeoutMs });
}

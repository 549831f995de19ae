import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import {
  Coordinator,
  metricsOf,
  type News,
  type Outcome,
  Profile,
  type RunRecord,
  RunRecorder,
  type Sourced,
} from '@lockstep/coordinator';
import { LockstepError, type StopSignal, toLockstepError } from '@lockstep/core';
import type { Callback } from '@lockstep/core/callbacks';
import { type Checkpoint, CheckpointStore } from '@lockstep/core/checkpoint';
import type { Dataset } from '@lockstep/core/data';
import type { ModelSpec } from '@lockstep/core/model';
import { type Listener, memoryTransport, zeromqTransport } from '@lockstep/core/transport';
import { assignShares } from '../devices/assign.js';
import { type Devices, devicesFor } from '../devices/resolve.js';
import type { TrainOptions } from '../options/options.js';
import type { Renderer, RendererFacts } from '../terminal/renderer.js';
import { version } from '../version.js';
import { callbacksOf } from './callbacks.js';
import { ensureEngine } from './ensureEngine.js';
import { letHeapGrow } from './heapGrowth.js';
import { runInProcess } from './inProcess.js';
import { LocalWorkers } from './localWorkers.js';
import { type Asked, prepare } from './prepare.js';
import { type ResumedRun, resumeRun } from './resume.js';
import { createRunDirectory, newRunId } from './runDirectory.js';
import { RunLock } from './runLock.js';
import { epochsOf, settingsOf } from './settings.js';
import { unsavedRun } from './unsavedRun.js';

/** Where the workers of a run are: on this machine, started by us, or wherever they come from. */
export type Place =
  | { readonly kind: 'here' }
  | { readonly kind: 'at'; readonly listen: string; readonly fallback: 'alone' | 'fail' };

/** How whoever starts a run sees it, and stops it: a terminal, or a program. */
export interface Audience {
  createRenderer(options: RendererFacts): Renderer;
  /**
   * @param ask for a clean end: at the next step, with a checkpoint
   * @param atOnce before the process ends
   * @returns stops listening
   */
  onStop(ask: (signal: StopSignal) => void, atOnce: (signal: StopSignal) => void): () => void;
}

/** A run as it is asked for. */
export interface Given extends Asked {
  readonly place: Place;
  /** Beside those that the options ask for. */
  readonly callbacks: readonly Callback[];
}

/** What a run came to, with what it was in the end. */
export interface Finished {
  readonly options: TrainOptions;
  readonly dataset: Dataset;
  readonly outcome: Outcome;
  readonly record: Readonly<RunRecord>;
  /** As the user would write it. */
  readonly directory: string;
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
  const { options, sources, model, dataset } = prepared;
  const { place } = given;
  const runId =
    resumed?.checkpoint.header.runId ?? (await unsavedRun(options.runDir)) ?? newRunId(model.name);
  const first =
    begun && (await beginning!.firstCheckpoint(begun, prepared, { id: runId, version }));
  const path = resumed?.path ?? options.runDir ?? join('runs', runId);
  const inProcess = place.kind === 'here' && options.workers === 0;
  const devices = await devicesFor(options);
  // Before anybody waits for a worker, and once for all of them.
  if (place.kind === 'here') await ensureEngine(options.engine, { stream: process.stderr });
  const listener = await listen(place, inProcess, runId, options);
  const { callbacks } = given;
  try {
    return await runOn(
      listener,
      {
        ...{ options, model, devices, resumed, first, dataset, runId, path, place, inProcess },
        lock,
        callbacks,
        warnings: begun?.warnings ?? [],
      },
      sources,
      audience,
    );
  } finally {
    await listener.close();
  }
}

interface Prepared {
  readonly options: TrainOptions;
  readonly model: ModelSpec;
  readonly devices: Devices;
  readonly resumed: ResumedRun | null;
  /** What a run begins with that begins from a model file. */
  readonly first: Checkpoint | null;
  readonly warnings: readonly string[];
  readonly dataset: Dataset;
  readonly runId: string;
  readonly path: string;
  readonly lock: RunLock;
  readonly place: Place;
  readonly inProcess: boolean;
  readonly callbacks: readonly Callback[];
}

async function runOn(
  listener: Listener,
  prepared: Prepared,
  config: Readonly<Record<string, Sourced>>,
  audience: Audience,
): Promise<Finished> {
  const { options, model, devices, resumed, first, dataset, runId, path, place, inProcess, lock } =
    prepared;
  const directory = resumed?.directory ?? (await createRunDirectory(path, lock));
  const callbacks = await callbacksOf(options, prepared.callbacks, directory.path);
  const store = new CheckpointStore(directory.checkpoints, { keepLast: options.keepCheckpoints });
  // As if the run had been interrupted before its first step: from here on it is one that goes on.
  if (first !== null) await store.save(first);
  const recorder = new RunRecorder({
    directory: directory.path,
    runId,
    version,
    config,
    resumed: resumed && progressOf(resumed),
  });
  const render = audience.createRenderer({
    epochs: epochsOf(options, dataset),
    batchSize: options.batchSize,
    trainSize: dataset.description.trainSize,
  });
  await recorder.begin();
  const profile = options.profile
    ? new Profile(join(directory.path, 'profile.json'), runId, ({ message }) => onWarning(message))
    : null;
  const onNews = (news: News): void => {
    recorder.observe(news);
    profile?.observe(news);
    render.news(news);
  };
  const warned = new Set<string>();
  const onWarning = (message: string): void => {
    // Workers on one machine have the same troubles.
    if (!warned.has(message)) onNews({ news: 'warning', message });
    warned.add(message);
  };
  const localWorkers = place.kind === 'here' ? options.workers : 0;
  const workers = new LocalWorkers({
    address: listener.address,
    runId,
    engine: options.engine,
    // A coordinator may have to start one worker of its own.
    shares: assignShares(
      { threads: options.threads, devices: devices.devices },
      Math.max(1, localWorkers),
      availableParallelism(),
    ),
    allowCpu: devices.allowCpu,
    dataDir: options.dataDir,
    directory,
    onWarning,
    onExit: (slot, code, reason) => coordinator.workerExited(slot, code, reason),
  });
  const startWorker = (slot: number): void => {
    try {
      workers.start(slot);
    } catch (cause) {
      const message = `worker ${slot} cannot be started: ${toLockstepError(cause).message}`;
      coordinator.fail(new LockstepError('RUN_DIRECTORY', message, { cause }));
    }
  };
  // Workers of our own are waited for: another one in their place would be one too many.
  const fallback = place.kind === 'here' ? 'fail' : place.fallback;
  const settings = settingsOf(options, model, dataset, runId, fallback, callbacks);
  const coordinator = new Coordinator({
    settings,
    listener,
    dataset,
    callbacks,
    store,
    checkpoint: resumed?.checkpoint ?? first,
    config: { ...options },
    version,
    startWorker,
    killWorker: (slot) => workers.kill(slot),
    onNews,
  });
  lock.onLost = (error) => coordinator.fail(error);
  for (const message of prepared.warnings) onNews({ news: 'warning', message });
  for (const { reason } of resumed?.skipped ?? []) {
    onNews({ news: 'warning', message: `skipped a checkpoint: ${reason}` });
  }
  const stopListening = audience.onStop(
    (signal) => coordinator.interrupt(signal),
    (signal) => {
      recorder.abandon(signal);
      lock.abandon();
    },
  );
  if (!inProcess) {
    letHeapGrow();
    render.listening(listener.address, settings, localWorkers);
  }
  const running = coordinator.run();
  const own = inProcess
    ? runInProcess(listener.address, runId, options, dataset).catch((thrown: unknown) =>
        coordinator.fail(toLockstepError(thrown)),
      )
    : null;
  for (let slot = 0; slot < localWorkers; slot++) startWorker(slot);
  const outcome = await running;
  const written = recorder.end(outcome, workers.tails(outcome.slots)).catch(toLockstepError);
  await Promise.all([workers.end(), own, profile?.close()]);
  const failure = await written;
  stopListening();
  render.end(outcome, recorder.record, path);
  // What went wrong first is what counts; a run.json that could not be written comes after it.
  if (failure instanceof LockstepError && outcome.stoppedBy !== 'error') throw failure;
  return { options, dataset, outcome, record: recorder.record, directory: path };
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

/** How far a run had come when its checkpoint was written. */
function progressOf({ checkpoint, file }: ResumedRun) {
  const { cursor, history, weightsSha256, worldSize } = checkpoint.header;
  return {
    epochs: cursor.epoch,
    steps: cursor.step,
    metrics: metricsOf(history.at(-1)?.logs),
    weightsSha256,
    worldSize,
    checkpoint: `checkpoints/${file.split(/[\\/]/).at(-1)}`,
  };
}

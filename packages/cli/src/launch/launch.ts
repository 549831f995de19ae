import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import {
  Coordinator,
  exitCodeOfOutcome,
  lossAndAccuracy,
  type News,
  type Outcome,
  Profile,
  RunRecorder,
  type Sourced,
} from '@lockstep/coordinator';
import { LockstepError, toLockstepError } from '@lockstep/core';
import { CheckpointStore } from '@lockstep/core/checkpoint';
import { type Dataset, loadDataset } from '@lockstep/core/data';
import { type Listener, memoryTransport, zeromqTransport } from '@lockstep/core/transport';
import { assignShares } from '../devices/assign.js';
import { type Devices, devicesFor, engineFor } from '../devices/resolve.js';
import type { TrainOptions } from '../options/options.js';
import { createRenderer } from '../terminal/renderer.js';
import { version } from '../version.js';
import { callbacksOf } from './callbacks.js';
import { ensureEngine } from './ensureEngine.js';
import { runInProcess } from './inProcess.js';
import { LocalWorkers } from './localWorkers.js';
import { reportAtEnd } from './reportAtEnd.js';
import { type ResumedRun, resumeRun } from './resume.js';
import { createRunDirectory, newRunId } from './runDirectory.js';
import { settingsOf } from './settings.js';
import { onStopSignals } from './signals.js';

/** Where the workers of a run are: on this machine, started by us, or wherever they come from. */
export type Place =
  | { readonly kind: 'here' }
  | { readonly kind: 'at'; readonly listen: string; readonly fallback: 'alone' | 'fail' };

/**
 * A whole run, from the options to the exit code: data, run directory, coordinator, and the workers of this
 * machine. `train`, `train --workers 0` and `coordinator` differ in where it listens and who it starts.
 */
export async function launch(
  given: TrainOptions,
  givenSources: Record<string, Sourced>,
  place: Place,
): Promise<number> {
  const { resume } = given;
  const resumed = resume === null ? null : await resumeRun(resume, given, givenSources);
  const asked = resumed?.options ?? given;
  const options = { ...asked, engine: engineFor(asked) };
  const dataset = await loadSamples(options, resumed);
  const runId = resumed?.checkpoint.header.runId ?? newRunId(options.model);
  const path = resumed?.path ?? options.runDir ?? join('runs', runId);
  const inProcess = place.kind === 'here' && options.workers === 0;
  const devices = await devicesFor(options);
  // Before anybody waits for a worker, and once for all of them.
  if (place.kind === 'here') await ensureEngine(options.engine, { stream: process.stderr });
  const listener = await listen(place, inProcess, runId, options);
  try {
    return await runOn(
      listener,
      { options, devices, resumed, dataset, runId, path, place, inProcess },
      {
        ...givenSources,
        ...resumed?.sources,
      },
    );
  } finally {
    await listener.close();
  }
}

interface Prepared {
  readonly options: TrainOptions;
  readonly devices: Devices;
  readonly resumed: ResumedRun | null;
  readonly dataset: Dataset;
  readonly runId: string;
  readonly path: string;
  readonly place: Place;
  readonly inProcess: boolean;
}

async function runOn(
  listener: Listener,
  { options, devices, resumed, dataset, runId, path, place, inProcess }: Prepared,
  config: Record<string, Sourced>,
): Promise<number> {
  const directory = resumed?.directory ?? (await createRunDirectory(path));
  const callbacks = await callbacksOf(options, directory.path);
  const recorder = new RunRecorder({
    directory: directory.path,
    runId,
    version,
    config,
    resumed: resumed && progressOf(resumed),
  });
  const render = createRenderer({
    stream: process.stdout,
    json: options.json,
    verbose: options.verbose,
    epochs: options.epochs,
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
  const settings = settingsOf(options, dataset, runId, fallback);
  const coordinator = new Coordinator({
    settings,
    listener,
    dataset,
    callbacks,
    store: new CheckpointStore(directory.checkpoints, { keepLast: options.keepCheckpoints }),
    checkpoint: resumed?.checkpoint ?? null,
    config: { ...options },
    version,
    startWorker,
    onNews,
  });
  for (const { reason } of resumed?.skipped ?? []) {
    onNews({ news: 'warning', message: `skipped a checkpoint: ${reason}` });
  }
  const stopListening = onStopSignals(
    (signal) => coordinator.interrupt(signal),
    (signal) => recorder.abandon(signal),
  );
  if (!inProcess) render.listening(listener.address, settings, localWorkers);
  const running = coordinator.run();
  const own = inProcess
    ? runInProcess(listener.address, options, dataset).catch((thrown: unknown) =>
        coordinator.fail(toLockstepError(thrown)),
      )
    : null;
  for (let slot = 0; slot < localWorkers; slot++) startWorker(slot);
  const outcome = await running;
  const written = recorder.end(outcome).catch(toLockstepError);
  await Promise.all([workers.end(), own, profile?.close()]);
  const failure = await written;
  stopListening();
  render.end(outcome, recorder.record, path);
  const exitCode = exitCodeOf(outcome, failure ?? null);
  // A run that a signal stopped is not over, and whoever stopped it does not want to wait.
  const isWorthIt = outcome.stoppedBy !== 'signal' && recorder.record.checkpoint !== null;
  if (options.report && isWorthIt) await reportAtEnd(path, options, dataset, render, exitCode);
  return exitCode;
}

/** What went wrong first is what counts; a run.json that could not be written comes after it. */
function exitCodeOf(outcome: Outcome, failure: LockstepError | null): number {
  if (failure !== null && outcome.stoppedBy !== 'error') throw failure;
  return exitCodeOfOutcome(outcome);
}

async function loadSamples(options: TrainOptions, resumed: ResumedRun | null): Promise<Dataset> {
  const dataset = await loadDataset({
    name: options.dataset,
    directory: options.dataDir ?? undefined,
  });
  if (resumed && resumed.checkpoint.header.datasetHash !== dataset.description.hash) {
    throw new LockstepError(
      'CHECKPOINT_MISMATCH',
      `the run in ${resumed.path} was trained on other samples than '${options.dataset}' has here`,
      { hint: 'Give the same files with --data-dir.' },
    );
  }
  return dataset;
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
    metrics: lossAndAccuracy(history.at(-1)?.logs),
    weightsSha256,
    worldSize,
    checkpoint: `checkpoints/${file.split(/[\\/]/).at(-1)}`,
  };
}

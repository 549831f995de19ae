import { availableParallelism } from 'node:os';
import { Coordinator, type Outcome, type RunRecord } from '@lockstep/coordinator';
import { LockstepError, type StopSignal, toLockstepError } from '@lockstep/core';
import { CheckpointStore } from '@lockstep/core/checkpoint';
import type { Dataset } from '@lockstep/core/data';
import type { Listener } from '@lockstep/core/transport';
import { assignShares } from '../devices/assign.js';
import type { TrainOptions } from '../options/options.js';
import type { Renderer, RendererFacts } from '../terminal/renderer.js';
import { version } from '../version.js';
import { callbacksOf } from './callbacks.js';
import { letHeapGrow } from './heapGrowth.js';
import { runInProcess } from './inProcess.js';
import { type LocalWorkerOptions, LocalWorkers } from './localWorkers.js';
import type { PlannedRun } from './plannedRun.js';
import { createRunDirectory } from './runDirectory.js';
import { epochsOf, settingsOf } from './settings.js';
import { Telling } from './telling.js';

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

/** What a run came to, with what it was in the end. */
export interface Finished {
  readonly options: TrainOptions;
  readonly dataset: Dataset;
  readonly outcome: Outcome;
  readonly record: Readonly<RunRecord>;
  /** As the user would write it. */
  readonly directory: string;
}

/** Coordinator, records, and the workers of this machine: from the first word to the last one. */
export async function conduct(
  run: PlannedRun,
  listener: Listener,
  audience: Audience,
): Promise<Finished> {
  const { options, model, resumed, first, dataset, runId, path, place, inProcess, lock } = run;
  const localWorkers = place.kind === 'here' ? options.workers : 0;
  const directory = resumed?.directory ?? (await createRunDirectory(path, lock));
  const callbacks = await callbacksOf(options, run.callbacks, directory.path);
  const store = new CheckpointStore(directory.checkpoints, { keepLast: options.keepCheckpoints });
  // As if the run had been interrupted before its first step: from here on it is one that goes on.
  if (first !== null) await store.save(first);
  const render = audience.createRenderer({
    epochs: epochsOf(options, dataset),
    batchSize: options.batchSize,
    trainSize: dataset.description.trainSize,
  });
  const telling = await Telling.begin(run, directory, render);
  const { recorder } = telling;
  const workers = localWorkersOf(run, localWorkers, {
    directory,
    address: listener.address,
    onWarning: telling.warn,
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
    onNews: telling.tell,
  });
  lock.onLost = (error) => coordinator.fail(error);
  for (const message of run.warnings) telling.tell({ news: 'warning', message });
  for (const { reason } of resumed?.skipped ?? []) {
    telling.tell({ news: 'warning', message: `skipped a checkpoint: ${reason}` });
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
  await Promise.all([workers.end(), own, telling.close()]);
  const failure = await written;
  stopListening();
  const { record } = recorder;
  render.end(outcome, record, path);
  // What went wrong first is what counts; a run.json that could not be written comes after it.
  if (failure instanceof LockstepError && outcome.stoppedBy !== 'error') throw failure;
  return { options, dataset, outcome, record, directory: path };
}

type Hearing = Pick<LocalWorkerOptions, 'address' | 'directory' | 'onWarning' | 'onExit'>;

/** The worker processes of this machine, of which none is started yet. */
function localWorkersOf(
  { runId, options, devices: { devices, allowCpu } }: PlannedRun,
  count: number,
  hearing: Hearing,
): LocalWorkers {
  const { engine, threads, dataDir } = options;
  // A coordinator may have to start one worker of its own.
  const shares = assignShares({ threads, devices }, Math.max(1, count), availableParallelism());
  return new LocalWorkers({ runId, engine, shares, allowCpu, dataDir, ...hearing });
}

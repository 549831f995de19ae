import { join } from 'node:path';
import {
  Coordinator,
  exitCodeOfOutcome,
  type News,
  RunRecorder,
  type Sourced,
} from '@lockstep/coordinator';
import { LockstepError, toLockstepError } from '@lockstep/core';
import { CheckpointStore } from '@lockstep/core/checkpoint';
import { loadDataset } from '@lockstep/core/data';
import {
  type Listener,
  memoryTransport,
  type TransportOptions,
  zeromqTransport,
} from '@lockstep/core/transport';
import type { TrainOptions } from '../options/options.js';
import { createRenderer } from '../terminal/renderer.js';
import { version } from '../version.js';
import { callbacksOf } from './callbacks.js';
import { runInProcess } from './inProcess.js';
import { LocalWorkers } from './localWorkers.js';
import { resumeRun } from './resume.js';
import { createRunDirectory, newRunId } from './runDirectory.js';
import { settingsOf } from './settings.js';
import { onStopSignals } from './signals.js';

export interface Launch {
  readonly options: TrainOptions;
  readonly sources: Record<string, Sourced>;
  /** Where to listen; null: in this process only. */
  readonly listen: string | null;
  /** How many workers this machine starts. */
  readonly localWorkers: number;
}

/**
 * A whole run, from the options to the exit code: data, run directory, coordinator, and the workers of this
 * machine. `train`, `train --workers 0` and `coordinator` differ in where it listens and who it starts.
 */
export async function launch(given: Launch): Promise<number> {
  const { resume } = given.options;
  const resumed = resume === null ? null : await resumeRun(resume, given.options, given.sources);
  const { options, sources } = resumed ?? given;
  const dataset = await loadDataset({
    name: options.dataset,
    directory: options.dataDir ?? undefined,
  });
  if (resumed !== null && resumed.checkpoint.header.datasetHash !== dataset.description.hash) {
    throw new LockstepError(
      'CHECKPOINT_MISMATCH',
      `the run in ${resume} was trained on other samples than '${options.dataset}' has here`,
      { hint: 'Give the same files with --data-dir.' },
    );
  }
  const runId = resumed?.checkpoint.header.runId ?? newRunId(options.model);
  const path = options.runDir ?? join('runs', runId);
  const directory = resumed?.directory ?? (await createRunDirectory(path));
  const settings = settingsOf(options, dataset, runId);
  const callbacks = await callbacksOf(options, directory.path);
  const recorder = new RunRecorder({ directory: directory.path, runId, version, config: sources });
  const listener = await listen(given.listen, runId, options);
  const render = createRenderer({
    stream: process.stdout,
    json: options.json,
    verbose: options.verbose,
    epochs: options.epochs,
    batchSize: options.batchSize,
    trainSize: dataset.description.trainSize,
  });
  try {
    await recorder.begin();
  } catch (thrown) {
    await listener.close();
    throw thrown;
  }
  const workers = new LocalWorkers({
    address: listener.address,
    runId,
    engine: options.engine,
    dataDir: options.dataDir,
    directory,
    onExit: (slot, reason) => coordinator.workerExited(slot, reason),
  });
  const onNews = (news: News): void => {
    recorder.observe(news);
    render.news(news);
  };
  const coordinator = new Coordinator({
    settings,
    listener,
    dataset,
    callbacks,
    store: new CheckpointStore(directory.checkpoints, { keepLast: options.keepCheckpoints }),
    checkpoint: resumed?.checkpoint ?? null,
    config: { ...options },
    version,
    startWorker: () => workers.start(0),
    onNews,
  });
  for (const { reason } of resumed?.skipped ?? []) {
    onNews({ news: 'warning', message: `skipped a checkpoint: ${reason}` });
  }
  const stopListening = onStopSignals(
    (signal) => coordinator.interrupt(signal),
    () => recorder.abandon(),
  );
  if (given.listen !== null) render.listening(listener.address, settings, given.localWorkers);
  const running = coordinator.run();
  const inProcess =
    given.listen === null
      ? runInProcess(listener.address, options, dataset).catch((thrown: unknown) =>
          coordinator.fail(toLockstepError(thrown)),
        )
      : null;
  for (let slot = 0; slot < given.localWorkers; slot++) workers.start(slot);
  const outcome = await running;
  await Promise.all([workers.end(), inProcess]);
  stopListening();
  await recorder.end(outcome);
  render.end(outcome, recorder.record, path);
  return exitCodeOfOutcome(outcome);
}

async function listen(
  address: string | null,
  runId: string,
  { heartbeatTimeoutMs }: TrainOptions,
): Promise<Listener> {
  const options: Partial<TransportOptions> = { heartbeatTimeoutMs };
  return address === null
    ? memoryTransport.listen(`memory://${runId}`)
    : zeromqTransport.listen(address, options);
}

import { exitCodeOf, type StopSignal, signalExitCodes } from '@lockstep/core';
import {
  type Dataset,
  type DatasetDescription,
  datasetNames,
  loadDataset,
} from '@lockstep/core/data';
import { modelHash } from '@lockstep/core/model';
import { zeromqTransport } from '@lockstep/core/transport';
import { type Former, runSessions, Session } from '@lockstep/worker';
import type { Share } from '../devices/assign.js';
import { openEngine } from '../devices/openEngine.js';
import { onStopSignals } from '../launch/signals.js';
import { passOnWarnings } from '../launch/warnings.js';
import { resolveModel } from '../model/resolve.js';
import type { WorkerFlags } from '../options/options.js';
import { counted } from '../terminal/format.js';
import { version } from '../version.js';

/** `lockstep worker`: one rank of a run, until its coordinator says that it is over. */
export async function worker(options: WorkerFlags): Promise<number> {
  const log = (line: string): void => console.log(line);
  // What is asked for by name must be there before the coordinator counts on this worker.
  const given =
    options.dataDir === null
      ? null
      : await loadDataset({ name: 'data-dir', directory: options.dataDir });
  const expected = options.model === null ? null : await expectedModel(options.model, options.loss);
  // Who started a local worker has installed what it needs.
  const mayInstall = options.slot === null;
  passOnWarnings();
  const { engine, share } = await openEngine(options, { mayInstall });
  log(describeShare(share));
  let session: Session | null = null;
  let left: StopSignal | null = null;
  const begin = async (
    run: string | null,
    connectTimeoutMs: number,
    former: Former | null,
  ): Promise<Session> => {
    log(`connecting to ${options.connect} with engine ${engine.description.device}`);
    session = new Session({
      link: await zeromqTransport.connect(options.connect, {}),
      engine,
      version,
      ...(options.slot === null ? {} : { slot: options.slot }),
      expects: {
        ...(run === null ? {} : { run }),
        ...(options.expectConfig === null ? {} : { configHash: options.expectConfig }),
        ...(expected === null ? {} : { modelHash: expected }),
        ...(given === null ? {} : { datasetHash: given.description.hash }),
      },
      findDataset: async (description) => given ?? findLocal(description, log),
      place: { coordinator: options.connect, address: options.peerAddress },
      former,
      isFollowed: options.reconnectTimeoutMs !== null,
      connectTimeoutMs,
      silenceTimeoutMs: options.silenceTimeoutMs,
      log,
    });
    return session;
  };
  const stopListening = process.connected
    ? followParent()
    : onStopSignals(
        (signal) => {
          left = signal;
          void session?.leave(signal);
        },
        () => undefined,
      );
  try {
    const { code, message } = await runSessions({
      ...options,
      begin,
      isLeaving: () => left !== null,
      log,
    });
    log(message);
    // Who leaves is told goodbye, or is gone before that: both are what its user asked for.
    if (left !== null) return signalExitCodes[left];
    return code === null ? 0 : exitCodeOf(code);
  } catch (thrown) {
    if (left !== null) return signalExitCodes[left];
    throw thrown;
  } finally {
    stopListening();
    await engine.dispose();
  }
}

async function expectedModel(model: string, loss: string | null): Promise<string> {
  const { spec } = await resolveModel({ model, loss, metrics: [] });
  return modelHash(spec);
}

/** What this process was given, and what CUDA is told of it. */
function describeShare({ threads, device }: Share): string {
  const { CUDA_VISIBLE_DEVICES: visible } = process.env;
  const cuda = visible === undefined ? '' : ` (CUDA_VISIBLE_DEVICES=${visible})`;
  return `${counted(threads, 'thread')}, device ${device}${cuda}`;
}

/**
 * A worker that a coordinator started obeys it alone: Ctrl-C and the closing of a terminal reach the whole
 * process group, and the coordinator decides what they mean. When the coordinator is gone, so is the worker.
 */
function followParent(): () => void {
  const ignore = (): void => undefined;
  const signals = Object.keys(signalExitCodes) as StopSignal[];
  const orphaned = (): never => process.exit(exitCodeOf('COORDINATOR_UNREACHABLE'));
  for (const signal of signals) process.on(signal, ignore);
  process.on('disconnect', orphaned);
  return () => {
    for (const signal of signals) process.removeListener(signal, ignore);
    process.removeListener('disconnect', orphaned);
    if (process.connected) process.disconnect();
  };
}

/** This machine's copy, when it is the same bytes; otherwise the coordinator sends the samples. */
async function findLocal(
  { name, hash }: DatasetDescription,
  log: (line: string) => void,
): Promise<Dataset | null> {
  if (!datasetNames.includes(name)) return null;
  try {
    const dataset = await loadDataset({ name });
    if (dataset.description.hash === hash) return dataset;
    log(`the local copy of '${name}' has other bytes than the coordinator's`);
  } catch (thrown) {
    log(`no local copy of '${name}': ${thrown instanceof Error ? thrown.message : thrown}`);
  }
  return null;
}

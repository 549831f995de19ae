import type { Checkpoint } from '@lockstep/core/checkpoint';
import type { Resumed, Settings, Snapshot } from '../machine/state.js';
import { updatesOf } from '../machine/transition.js';
import type { TensorTable } from './tensors.js';

/** What is kept of a step until the state of the ranks is here. */
export interface Captured {
  readonly callbacks: unknown;
  /** Weights; null: none are remembered. */
  readonly remembered: Float32Array | null;
}

interface Surroundings {
  readonly settings: Settings;
  readonly tensors: TensorTable;
  readonly captured: Captured;
  readonly config: Record<string, unknown>;
  readonly version: string;
}

const slotPrefix = 'slot:';

/** The machine's snapshot with the bytes that it names. */
export function checkpointOf(snapshot: Snapshot, around: Surroundings): Checkpoint {
  const { held, remembered: _captured, skipped, ...progress } = snapshot;
  const { settings, tensors } = around;
  const { callbacks, remembered } = around.captured;
  const { weights, ...rest } = tensors.get(held) as Record<string, Float32Array>;
  const slots = Object.entries(rest).map(([name, slot]) => [name.slice(slotPrefix.length), slot]);
  return {
    header: {
      ...progress,
      history: [...progress.history],
      parameters: [...progress.parameters],
      lockstepVersion: around.version,
      createdAt: new Date().toISOString(),
      runId: settings.run,
      seed: settings.seed,
      callbacks,
      model: settings.model,
      modelHash: settings.modelHash,
      datasetHash: settings.dataset.hash,
      config: around.config,
      weightsSha256: tensors.weightsSha256(held),
    },
    weights: weights!,
    optimizer: { iterations: updatesOf(snapshot), slots: Object.fromEntries(slots) },
    ...(remembered === null ? {} : { remembered }),
  };
}

/** What a machine that goes on from a checkpoint must know. */
export function resumedFrom(checkpoint: Checkpoint, tensors: TensorTable): Resumed {
  const { header, weights, optimizer, remembered } = checkpoint;
  const slots = Object.entries(optimizer.slots).map(([name, slot]) => [slotPrefix + name, slot]);
  const { cursor, learningRate, epochSums, history, finished, collective } = header;
  return {
    cursor,
    skipped: cursor.step - optimizer.iterations,
    learningRate,
    epochSums,
    history,
    finished,
    collective,
    held: tensors.keepState({ weights, ...Object.fromEntries(slots) }, header.weightsSha256).id,
    remembered: remembered ? tensors.keep({ weights: remembered }).id : null,
  };
}

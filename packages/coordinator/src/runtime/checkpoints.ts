import type { Checkpoint, CheckpointHeader } from '@lockstep/core/checkpoint';
import type { Snapshot } from '../machine/commands.js';
import type { Resumed } from '../machine/start.js';
import type { Settings } from '../machine/state.js';
import { updatesOf } from '../machine/transition.js';
import type { TensorTable } from './tensors.js';

interface Surroundings {
  readonly settings: Settings;
  readonly tensors: TensorTable;
  readonly callbacks: unknown;
  readonly config: Record<string, unknown>;
  readonly version: string;
}

const slotPrefix = 'slot:';

/** All but the hash of the weights, which takes a moment. */
type Unhashed = Omit<Checkpoint, 'header'> & {
  readonly header: Omit<CheckpointHeader, 'weightsSha256'>;
};

/** The machine's snapshot with the bytes that it names. */
export function checkpointOf(snapshot: Snapshot, around: Surroundings): Unhashed {
  const { held, remembered, skipped, ...progress } = snapshot;
  const { settings, tensors } = around;
  const { weights, ...rest } = tensors.get(held) as Record<string, Float32Array>;
  const slots = Object.entries(rest).map(([name, slot]) => [name.slice(slotPrefix.length), slot]);
  const best = remembered === null ? null : (tensors.get(remembered).weights as Float32Array);
  return {
    header: {
      ...progress,
      history: [...progress.history],
      parameters: [...progress.parameters],
      lockstepVersion: around.version,
      createdAt: new Date().toISOString(),
      runId: settings.run,
      seed: settings.seed,
      callbacks: around.callbacks,
      model: settings.model,
      modelHash: settings.modelHash,
      datasetHash: settings.dataset.hash,
      config: around.config,
    },
    weights: weights!,
    optimizer: { iterations: updatesOf(snapshot), slots: Object.fromEntries(slots) },
    ...(best === null ? {} : { remembered: best }),
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
    held: tensors.keep({ weights, ...Object.fromEntries(slots) }).id,
    remembered: remembered ? tensors.keep({ weights: remembered }).id : null,
  };
}

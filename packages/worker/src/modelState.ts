import { bytesOf, sha256 } from '@lockstep/core';
import type { Tensors } from '@lockstep/core/protocol';
import type { LoadedModel } from './engine/engine.js';

const slotPrefix = 'slot:';

/**
 * The model's state as `state` carries it: `weights` where they are asked for, and `slot:NAME` for each optimizer
 * slot, or what this rank has of it.
 */
export async function readTensors(
  model: LoadedModel,
  withWeights: boolean,
): Promise<{ readonly iterations: number; readonly tensors: Tensors }> {
  const { weights, optimizer } = await model.readState();
  const slots = Object.entries(optimizer.slots).map(([name, slot]) => [slotPrefix + name, slot]);
  const { iterations } = optimizer;
  return {
    iterations,
    tensors: { ...(withWeights && { weights }), ...Object.fromEntries(slots) },
  };
}

/** Tensors as `load-state` carries them. Without slots they are weights only: the optimizer keeps what it has. */
export async function writeTensors(
  model: LoadedModel,
  iterations: number,
  tensors: Tensors,
): Promise<void> {
  const slots = Object.entries(tensors)
    .filter(([name]) => name.startsWith(slotPrefix))
    .map(([name, slot]) => [name.slice(slotPrefix.length), slot as Float32Array]);
  const weights = tensors.weights as Float32Array;
  const optimizer =
    slots.length > 0
      ? { iterations, slots: Object.fromEntries(slots) }
      : { ...(await model.readState()).optimizer, iterations };
  await model.writeState({ weights, optimizer });
}

/** What ranks compare: all of them must hold the same weights. */
export async function weightsHash(model: LoadedModel): Promise<string> {
  return sha256(bytesOf(await model.readWeights()));
}

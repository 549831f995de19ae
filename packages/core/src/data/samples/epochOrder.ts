import type { Dataset } from '../dataset.js';
import { permutation } from '../permutation.js';

interface EpochOrder {
  readonly seed: number;
  readonly epoch: number;
  readonly order: Uint32Array;
}

/** The last order of each dataset: all steps of an epoch, and all ranks, want the same one. */
const latest = new WeakMap<Dataset, EpochOrder>();

/** The rows of the train split in the order in which this epoch visits them. To be read only. */
export function epochOrder(dataset: Dataset, seed: number, epoch: number): Uint32Array {
  const known = latest.get(dataset);
  if (known !== undefined && known.seed === seed && known.epoch === epoch) return known.order;
  const order = permutation(seed, epoch, dataset.train.size);
  latest.set(dataset, { seed, epoch, order });
  return order;
}

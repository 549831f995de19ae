import type { OptimizerConfig } from '@lockstep/core';
import type { Topology } from '@lockstep/core/model';

/** A model between two files: what every format is read into, and written from. */
export interface SavedModel {
  readonly name: string;
  /** In the dialect of Keras 2 and TensorFlow.js, as the rest of Lockstep has it; null: weights only. */
  readonly topology: Topology | null;
  /** By Keras name; null: the file does not say. */
  readonly loss: string | null;
  /** In the file's order, a layer's weights side by side in Keras's order; empty: topology only. */
  readonly weights: readonly SavedWeight[];
  /** Null: the file has none, or one that Lockstep does not have (the notes say so). */
  readonly optimizer: SavedOptimizer | null;
  /** What the file has that could not be taken over, a sentence each. */
  readonly notes: readonly string[];
}

/** One weight, with what the optimizer remembers of it. */
export interface SavedWeight {
  readonly layer: string;
  /** Within the layer: `kernel`. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly trainable: boolean;
  readonly values: Float32Array;
  /** By slot name, as long as `values`; none where the optimizer has not begun, or does not update it. */
  readonly slots: Readonly<Record<string, Float32Array>>;
}

export interface SavedOptimizer {
  /** With the learning rate in force. */
  readonly config: OptimizerConfig;
  /** Updates applied so far. */
  readonly iterations: number;
}

/** Elements of a weight of this shape. */
export function elementsOf(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1);
}

import type { Variable } from '@tensorflow/tfjs-core';
import type { LayerVariable } from '@tensorflow/tfjs-layers';
import { outputsOf } from '../../loss/index.js';
import type { BuiltModel } from '../../model/index.js';
import type { Moment } from '../engine.js';

/** Sums over a batch; the loss with the model's regularization, as Keras reports it. */
export interface BatchSums {
  readonly loss: number;
  /** Of each metric, in order. */
  readonly measured: readonly number[];
}

/**
 * A network's variables on one TensorFlow.js backend; flat arrays in and out. No method leaves tensors
 * behind. Where the backend lets its tensors be read only later, results are promises.
 */
export interface Network {
  /** Copies flat weights into the variables. */
  write(weights: Float32Array): void;
  /**
   * Forward, with the moment's noise, and backward; fills `gradient` with the mean gradient of the trainable
   * weights.
   */
  gradients(
    images: Float32Array,
    shape: number[],
    labels: Uint8Array,
    gradient: Float32Array,
    moment: Moment,
  ): BatchSums | Promise<BatchSums>;
  evaluate(
    images: Float32Array,
    shape: number[],
    labels: Uint8Array,
  ): BatchSums | Promise<BatchSums>;
  /** `[size, units]` flat. */
  predict(images: Float32Array, shape: number[]): Float32Array | Promise<Float32Array>;
  dispose(): void;
}

/** Puts what was built on a started backend. */
export type CreateNetwork = (built: BuiltModel) => Network;

/** What the batch's metrics come to, from the network's scores, `[size, units]` flat. */
export function measure(
  { metrics, loss, units }: BuiltModel,
  scores: Float32Array,
  labels: Uint8Array,
): number[] {
  const scored = {
    scores,
    labels,
    units,
    get outputs() {
      return outputsOf(loss.head, scores, units);
    },
  };
  return metrics.map((metric) => metric.sum(scored));
}

/** `read` gives the variable itself, typed as a tensor. */
export function variableOf(layerVariable: LayerVariable): Variable {
  return layerVariable.read() as Variable;
}

import { setTimeout } from 'node:timers/promises';
import { LockstepError } from '@lockstep/core';
import type { Batch } from '@lockstep/core/data';
import type { MetricSums } from '@lockstep/core/metrics';
import type { ModelSpec } from '@lockstep/core/model';
import type { Engine, LoadedModel } from '@lockstep/worker';
import {
  type Course,
  emptyLedger,
  type LedgerState,
  lengthOf,
  placeOf,
  stepsOfEpoch,
  unit,
  update,
} from './course.js';

export const ledgerModel: ModelSpec = {
  name: 'ledger',
  topology: { class_name: 'Sequential', config: { name: 'ledger', layers: [] } },
  loss: 'sparse_categorical_crossentropy',
};

/** A model as whoever watches over the simulation sees it. */
export interface WatchedModel {
  readonly iterations: number;
  readonly state: LedgerState;
  /** From now on the next step goes wrong by one bit. */
  flip(): void;
}

export interface LedgerOptions {
  readonly course: Course;
  /** How long one sample takes. */
  readonly sampleMs: number;
  /** Called whenever a model has another state than before. */
  readonly onState: (model: WatchedModel) => void;
  /** It has just computed something wrong, as it was told to. */
  readonly onFlip: () => void;
  readonly onLoad: (model: WatchedModel) => void;
}

/**
 * An engine that trains a ledger: a step enters each of its samples once, at its epoch. All of it is exact, so the
 * weights prove what was trained, and do not depend on who did.
 */
export function ledgerEngine(options: LedgerOptions): Engine {
  return {
    description: { name: 'ledger', device: 'simulated' },
    load: async () => {
      const model = new LedgerModel(options);
      options.onLoad(model);
      return model;
    },
    dispose: async () => undefined,
  };
}

type Gradients = LoadedModel['gradients'];

class LedgerModel implements LoadedModel, WatchedModel {
  readonly parameters;
  readonly gradientLength: number;
  readonly factors = null;
  readonly state: LedgerState;
  iterations = 0;
  #flips = false;

  constructor(private readonly options: LedgerOptions) {
    const { course } = options;
    const length = lengthOf(course);
    this.gradientLength = length;
    this.parameters = [
      {
        name: 'ledger',
        shape: [course.epochs, course.trainSize],
        trainable: true,
        offset: 0,
        length,
      },
    ];
    this.state = emptyLedger(course);
  }

  flip(): void {
    this.#flips = true;
  }

  async gradients(...[batch, { step }, into]: Parameters<Gradients>): ReturnType<Gradients> {
    const { course } = this.options;
    await this.#compute(batch.size);
    const gradient = into ?? new Float32Array(this.gradientLength);
    gradient.fill(0);
    const epoch = Math.floor(step / stepsOfEpoch(course));
    for (const sample of batch.images) {
      const place = placeOf(course, epoch, sample);
      gradient[place] = gradient[place]! + unit / batch.size;
    }
    return { gradient, metrics: sumsOf(batch) };
  }

  async apply(gradient: Float32Array, learningRate: number): Promise<void> {
    update(this.state, gradient, learningRate);
    if (this.#flips) {
      this.state.weights[0] = this.state.weights[0]! + 1;
      this.options.onFlip();
    }
    this.#flips = false;
    this.iterations += 1;
    this.options.onState(this);
  }

  async step(
    ...[batch, moment, learningRate]: Parameters<LoadedModel['step']>
  ): Promise<MetricSums> {
    const { gradient, metrics } = await this.gradients(batch, moment);
    await this.apply(gradient, learningRate);
    return metrics;
  }

  async evaluate(batch: Batch): Promise<MetricSums> {
    await this.#compute(batch.size);
    return sumsOf(batch);
  }

  async readState() {
    const { weights, history } = this.state;
    const slots = { history: history.slice() };
    return { weights: weights.slice(), optimizer: { iterations: this.iterations, slots } };
  }

  async readWeights() {
    return this.state.weights.slice();
  }

  async writeState({
    weights,
    optimizer,
  }: Parameters<LoadedModel['writeState']>[0]): Promise<void> {
    const { history } = optimizer.slots;
    const { length } = this.state.weights;
    if (weights.length !== length || history?.length !== length) {
      throw new LockstepError('CHECKPOINT_MISMATCH', 'a state of another ledger');
    }
    this.state.weights.set(weights);
    this.state.history.set(history);
    this.iterations = optimizer.iterations;
    this.options.onState(this);
  }

  predict(): never {
    throw unused('predict');
  }
  shardOptimizer(): never {
    throw unused('shard its optimizer');
  }
  moveIn(): never {
    throw unused('move');
  }
  applyShard(): never {
    throw unused('shard its optimizer');
  }
  writeTrainable(): never {
    throw unused('shard its optimizer');
  }
  dispose(): void {
    // Nothing is outside of this object.
  }

  async #compute(samples: number): Promise<void> {
    const { sampleMs } = this.options;
    await setTimeout(sampleMs * samples);
  }
}

const unused = (what: string) => new LockstepError('INTERNAL', `a ledger does not ${what}`);

/** Sums of the samples' numbers: whole, so that nothing of it is rounded. */
function sumsOf({ images, size }: Batch): MetricSums {
  const sum = images.reduce((total, sample) => total + sample, 0);
  return { loss: { sum, count: size }, accuracy: { sum: size, count: size } };
}

import type { OptimizerConfig } from '@lockstep/core';
import { assertWithin, type Range } from '@lockstep/core/data';
import { createOptimizer, type Optimizer } from '../../optimizer/index.js';
import { checkLength, checkSharded, checkState, checkWhole } from '../checks.js';
import type { ModelState } from '../engine.js';
import { ownSlots, slotsOfRange } from '../shard.js';

/** Weights and optimizer on the host, flat: the truth, of which the network's variables are a copy. */
export class HostState {
  readonly weights: Float32Array;
  readonly #optimizer: Optimizer;
  readonly #trainable: Float32Array;
  /** The part that is updated here, once that is not all; see LoadedModel.shardOptimizer. */
  #own: Range | null = null;
  #slots: Record<string, Float32Array>;
  #iterations = 0;

  /**
   * @param weights all weights, trainable ones first; kept and changed in place.
   * @param trainableLength elements of the trainable weights.
   */
  constructor(weights: Float32Array, trainableLength: number, config: OptimizerConfig) {
    this.weights = weights;
    this.#trainable = weights.subarray(0, trainableLength);
    const optimizer = createOptimizer(config);
    this.#optimizer = optimizer;
    this.#slots = Object.fromEntries(
      optimizer.slotNames.map((name) => [name, optimizer.initialSlot(name, trainableLength)]),
    );
  }

  apply(gradient: Float32Array, learningRate: number): void {
    checkWhole(this.#own === null);
    checkLength('gradient', gradient, this.#trainable.length);
    this.#update(this.#trainable, gradient, learningRate);
  }

  shard(range: Range): void {
    assertWithin(range, this.#trainable.length);
    this.#slots = slotsOfRange(this.#slots, this.#range, range, this.#optimizer);
    this.#own = range;
  }

  applyShard(gradient: Float32Array, learningRate: number, into: Float32Array): void {
    checkSharded(this.#own !== null);
    const { begin, end } = this.#range;
    const weights = this.#trainable.subarray(begin, end);
    checkLength('gradient', gradient, weights.length);
    checkLength('weights', into, weights.length);
    this.#update(weights, gradient, learningRate);
    into.set(weights);
  }

  writeTrainable(weights: Float32Array): void {
    checkLength('weights', weights, this.#trainable.length);
    this.#trainable.set(weights);
  }

  read(): ModelState {
    const slots = Object.entries(this.#slots).map(([name, slot]) => [name, slot.slice()]);
    return {
      weights: this.weights.slice(),
      optimizer: { iterations: this.#iterations, slots: Object.fromEntries(slots) },
    };
  }

  /** CHECKPOINT_MISMATCH, and nothing written, where the state is of another model or optimizer. */
  write({ weights, optimizer: { iterations, slots } }: ModelState): void {
    const own = ownSlots(slots, this.#range, this.#trainable.length);
    checkState(
      { weights, optimizer: { iterations, slots: own } },
      { weights: this.weights, optimizer: { slots: this.#slots } },
    );
    this.weights.set(weights);
    for (const [name, slot] of Object.entries(own)) this.#slots[name]!.set(slot);
    this.#iterations = iterations;
  }

  get #range(): Range {
    return this.#own ?? { begin: 0, end: this.#trainable.length };
  }

  #update(weights: Float32Array, gradient: Float32Array, learningRate: number): void {
    this.#optimizer.update(weights, gradient, this.#slots, learningRate, this.#iterations);
    this.#iterations++;
  }
}

import type { OptimizerConfig } from '@lockstep/core';
import { createOptimizer, type Optimizer } from '../../optimizer/index.js';
import { checkLength, checkState } from '../checks.js';
import type { ModelState } from '../engine.js';

/** Weights and optimizer on the host, flat: the truth, of which the network's variables are a copy. */
export class HostState {
  readonly weights: Float32Array;
  readonly #optimizer: Optimizer;
  readonly #slots: Record<string, Float32Array>;
  readonly #trainable: Float32Array;
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
    checkLength('gradient', gradient, this.#trainable.length);
    this.#optimizer.update(this.#trainable, gradient, this.#slots, learningRate, this.#iterations);
    this.#iterations++;
  }

  read(): ModelState {
    const slots = Object.entries(this.#slots).map(([name, slot]) => [name, slot.slice()]);
    return {
      weights: this.weights.slice(),
      optimizer: { iterations: this.#iterations, slots: Object.fromEntries(slots) },
    };
  }

  /** CHECKPOINT_MISMATCH, and nothing written, where the state is of another model or optimizer. */
  write(state: ModelState): void {
    const optimizer = { iterations: this.#iterations, slots: this.#slots };
    checkState(state, { weights: this.weights, optimizer });
    this.weights.set(state.weights);
    for (const [name, slot] of Object.entries(state.optimizer.slots)) this.#slots[name]!.set(slot);
    this.#iterations = state.optimizer.iterations;
  }
}

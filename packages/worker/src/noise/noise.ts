import { LockstepError } from '@lockstep/core';
import { Random } from '@lockstep/core/data';
import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import type { Words } from './philox.js';
import { uniformBySample } from './uniformBySample.js';

/**
 * What the layers of one model draw their noise from. The noise of a sample depends on the run's seed, on
 * which draw of the forward pass it is for, on the global step, and on the sample's position in the epoch's
 * order; never on the rank or on how the batch is split. So N workers train the network that one does.
 */
export class Noise {
  readonly #keys: Words[] = [];
  #pass: { readonly counter: Tensor1D; draws: number } | null = null;

  constructor(private readonly seed: number) {}

  /** Whether a training pass is going on. Otherwise layers let their input through. */
  get isOn(): boolean {
    return this.#pass !== null;
  }

  /**
   * Turns the noise on for one forward pass.
   *
   * @param counter `[position of the batch's first sample, step]`, int32
   */
  during<Result>(counter: Tensor1D, forward: () => Result): Result {
    this.#pass = { counter, draws: 0 };
    try {
      return forward();
    } finally {
      this.#pass = null;
    }
  }

  /**
   * The next draw of the pass: uniform in [0, 1), float32. A network's layers run in the same order in every
   * pass and process; a layer that is used twice draws twice.
   *
   * @param shape `[samples, ...]`
   */
  uniform(shape: readonly number[]): Tensor {
    const pass = this.#pass;
    if (pass === null) throw new LockstepError('INTERNAL', 'noise was drawn outside of training');
    return uniformBySample(pass.counter, this.#key(pass.draws++), shape);
  }

  #key(draw: number): Words {
    this.#keys[draw] ??= keyOf(this.seed, draw);
    return this.#keys[draw];
  }
}

function keyOf(seed: number, draw: number): Words {
  const random = Random.from('noise', seed, draw);
  return { low: random.uint32(), high: random.uint32() };
}

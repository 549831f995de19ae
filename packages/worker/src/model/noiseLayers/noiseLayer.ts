import { LockstepError } from '@lockstep/core';
import { type Tensor, tidy } from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import type { Noise } from '../../noise/index.js';

type LayerArguments = ConstructorParameters<typeof layers.Layer>[0];

/** What the noise layers' JSON has in common; of a `seed` nothing is made, since the run's seed is used. */
export interface NoiseLayerArguments extends NonNullable<LayerArguments> {
  /** Fraction of the elements to drop, 0 <= rate < 1. */
  rate: number;
}

/** A layer that disturbs its input in training, with noise from its model's source. */
export abstract class NoiseLayer extends layers.Layer {
  protected readonly rate: number;
  #noise: Noise | null = null;

  constructor(given: NoiseLayerArguments) {
    super(given);
    this.rate = given.rate;
    this.supportsMasking = true;
  }

  /** TensorFlow.js builds layers from JSON, which cannot carry the source: it is handed in afterwards. */
  drawFrom(noise: Noise): void {
    this.#noise = noise;
  }

  /** Asks the source whether it is training: TensorFlow.js does not pass `training` on inside a model. */
  override call(inputs: Tensor | Tensor[]): Tensor {
    const input = Array.isArray(inputs) ? inputs[0]! : inputs;
    const noise = this.#noise;
    if (noise === null) throw new LockstepError('INTERNAL', `'${this.name}' has no noise`);
    return tidy(() => (noise.isOn && this.rate > 0 ? this.disturb(input, noise) : input));
  }

  override getConfig() {
    return { ...super.getConfig(), rate: this.rate };
  }

  protected abstract disturb(input: Tensor, noise: Noise): Tensor;
}

import { cast, greaterEqual, mul, type Tensor } from '@tensorflow/tfjs-core';
import type { Noise } from '../../noise/index.js';
import { NoiseLayer } from './noiseLayer.js';

/**
 * y = x * [u >= rate] / (1 - rate), with u uniform in [0, 1): Srivastava et al. 2014, "Dropout: a simple way to
 * prevent neural networks from overfitting", scaled in training as in https://keras.io/api/layers/regularization_layers/dropout
 */
export class Dropout extends NoiseLayer {
  static readonly className: string = 'LockstepDropout';

  protected override disturb(input: Tensor, noise: Noise): Tensor {
    const kept = greaterEqual(noise.uniform(this.noiseShape(input)), this.rate);
    return mul(input, mul(cast(kept, 'float32'), 1 / (1 - this.rate)));
  }

  protected noiseShape(input: Tensor): number[] {
    return input.shape;
  }
}

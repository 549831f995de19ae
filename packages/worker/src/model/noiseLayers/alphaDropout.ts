import { add, cast, greaterEqual, mul, sub, type Tensor } from '@tensorflow/tfjs-core';
import type { Noise } from '../../noise/index.js';
import { NoiseLayer } from './noiseLayer.js';

/** Where selu saturates: -alpha * scale, with the constants of the paper. */
const saturation = -1.6732632423543772 * 1.0507009873554805;

/**
 * With k = [u >= rate], s the value where selu saturates, a = ((1 - rate) (1 + rate s^2))^(-1/2) and
 * b = -a rate s:  y = a (x k + s (1 - k)) + b,  which keeps mean and variance of selu's outputs.
 * Klambauer et al. 2017, "Self-normalizing neural networks"; https://keras.io/api/layers/regularization_layers/alpha_dropout
 */
export class AlphaDropout extends NoiseLayer {
  static readonly className: string = 'LockstepAlphaDropout';

  protected override disturb(input: Tensor, noise: Noise): Tensor {
    const { rate } = this;
    const scale = ((1 - rate) * (1 + rate * saturation ** 2)) ** -0.5;
    const kept = cast(greaterEqual(noise.uniform(input.shape), rate), 'float32');
    const dropped = add(mul(input, kept), mul(sub(1, kept), saturation));
    return add(mul(dropped, scale), -scale * rate * saturation);
  }
}

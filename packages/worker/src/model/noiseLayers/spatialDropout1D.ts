import type { Tensor } from '@tensorflow/tfjs-core';
import { InputSpec } from '@tensorflow/tfjs-layers';
import { Dropout } from './dropout.js';
import type { NoiseLayerArguments } from './noiseLayer.js';

/**
 * Dropout of whole feature maps, `[batch, timesteps, channels]`: Tompson et al. 2015, "Efficient object
 * localization using convolutional networks"; https://keras.io/api/layers/regularization_layers/spatial_dropout1d
 */
export class SpatialDropout1D extends Dropout {
  static override readonly className: string = 'LockstepSpatialDropout1D';

  constructor(given: NoiseLayerArguments) {
    super(given);
    this.inputSpec = [new InputSpec({ ndim: 3 })];
  }

  protected override noiseShape({ shape }: Tensor): number[] {
    return [shape[0]!, 1, shape[2]!];
  }
}

import { serialization } from '@tensorflow/tfjs-core';
import { LayersModel } from '@tensorflow/tfjs-layers';
import type { Noise } from '../../noise/index.js';
import { AlphaDropout } from './alphaDropout.js';
import { Dropout } from './dropout.js';
import { NoiseLayer } from './noiseLayer.js';
import { SpatialDropout1D } from './spatialDropout1D.js';

/**
 * Keras's class names, and those under which ours take their place when a topology is built. Names of their
 * own leave TensorFlow.js's classes alone; its way of passing classes to a build does not reach the layers
 * of a Sequential.
 */
export const classNamesOfOurs: Readonly<Record<string, string>> = {
  AlphaDropout: AlphaDropout.className,
  Dropout: Dropout.className,
  SpatialDropout1D: SpatialDropout1D.className,
};

for (const layer of [AlphaDropout, Dropout, SpatialDropout1D]) serialization.registerClass(layer);

/** Connects the noise layers of a network, nested models included, with where they draw from. */
export function drawNoiseFrom(noise: Noise, network: LayersModel): void {
  for (const layer of network.layers) {
    if (layer instanceof NoiseLayer) layer.drawFrom(noise);
    if (layer instanceof LayersModel) drawNoiseFrom(noise, layer);
  }
}

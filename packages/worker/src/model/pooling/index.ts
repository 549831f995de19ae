import { serialization } from '@tensorflow/tfjs-core';
import type { LayerJson } from '../topology.js';
import { AveragePooling2D } from './averagePooling2D.js';

serialization.registerClass(AveragePooling2D);

/** The class under which a layer is to be built, where ours takes the place of TensorFlow.js's. */
export function poolingClassOf({ class_name, config }: LayerJson): string {
  const isOurs = class_name === 'AveragePooling2D' && config.padding === 'same';
  return isOurs ? AveragePooling2D.className : class_name;
}

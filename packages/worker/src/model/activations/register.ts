import { serialization, type Tensor } from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';
import { activations } from './activations.js';

/** TensorFlow.js looks activations up in camel case. */
const camelCase = (name: string): string =>
  name.replace(/_(.)/g, (_match, letter: string) => letter.toUpperCase());

for (const [name, compute] of Object.entries(activations)) {
  /** Duck-typed: TensorFlow.js does not export the class that its own extend. */
  class KerasActivation extends serialization.Serializable {
    static readonly className = camelCase(name);

    apply(x: Tensor): Tensor {
      return compute(x);
    }

    getConfig(): serialization.ConfigDict {
      return {};
    }
  }
  serialization.registerClass(KerasActivation);
}

/** Whether a layer's `activation` can be built, in Keras's spelling or TensorFlow.js's. */
export function isKnownActivation(name: string): boolean {
  const known = serialization.SerializationMap.getMap().classNameMap;
  return /^[a-z]/.test(name) && camelCase(name) in known;
}

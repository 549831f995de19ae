import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { env, setBackend } from '@tensorflow/tfjs-core';
import { registerUniformBySample } from './uniformBySample.js';
import { uniformBySampleContract } from './uniformBySample.suite.js';

env().set('PROD', true);
for (const name of ['cpu', 'wasm']) {
  uniformBySampleContract(name, () => {
    registerUniformBySample(name);
    registerUniformBySample(name);
    return setBackend(name);
  });
}

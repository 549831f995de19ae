/**
 * Makes the wasm backend of TensorFlow.js fit for training: adds the one kernel that it lacks and
 * replaces those that would dominate the time of a training step.
 *
 * May be called before or after the backend has started, and any number of times.
 */
import '@tensorflow/tfjs-backend-wasm';
import { registerBatchMatMul } from './batchMatMul.js';
import { registerConv2dBackpropFilter } from './conv2dBackpropFilter.js';
import { registerConv2dBackpropInput } from './conv2dBackpropInput.js';
import { registerIdentity } from './identity.js';
import { registerMaxPoolGrad } from './maxPoolGrad.js';
import { registerSum } from './sum.js';

let isRegistered = false;

export function registerTrainingKernels(): void {
  if (isRegistered) {
    return;
  }
  isRegistered = true;
  registerIdentity();
  registerBatchMatMul();
  registerSum();
  registerMaxPoolGrad();
  registerConv2dBackpropFilter();
  registerConv2dBackpropInput();
}

import { engine, setBackend } from '@tensorflow/tfjs-core';
import type { TensorFlow } from '../backend/index.js';

/**
 * Makes TensorFlow the backend of TensorFlow.js, of which there is one for the whole process: after an
 * await, someone else may have chosen another. For a backend that runs, setBackend does its work before it
 * returns its promise.
 */
export function useBackend({ backend }: TensorFlow): void {
  if (engine().backend !== backend) void setBackend('tensorflow');
}

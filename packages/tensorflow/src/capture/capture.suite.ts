import type { LockstepError } from '@lockstep/core';
import { engine, memory, setBackend } from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { startTensorFlow, type TensorFlow } from '../backend/index.js';

/** Starts TensorFlow as the backend that the functions under test run on. */
export async function startForCapture(library: string): Promise<TensorFlow> {
  const tensorflow = startTensorFlow(library);
  await setBackend('tensorflow');
  return tensorflow;
}

/** Everything that a trace could leave behind. */
export function counts({ binding, backend }: TensorFlow): unknown {
  const { numTensors, numDataBuffers, numBytes } = memory();
  const { state } = engine();
  return {
    numTensors,
    numDataBuffers,
    numBytes,
    native: binding.getNumOfTensors(),
    isReal: backend.binding === binding,
    depths: [state.gradientDepth, state.kernelDepth, state.scopeStack.length],
  };
}

/** The error that a promise is rejected with, or that a function throws. */
export async function refusalOf(work: () => unknown): Promise<LockstepError> {
  const thrown = await Promise.resolve()
    .then(work)
    .then(
      () => undefined,
      (error: unknown) => error,
    );
  expect(thrown).toMatchObject({ code: 'CAPTURE_FAILED' });
  return thrown as LockstepError;
}

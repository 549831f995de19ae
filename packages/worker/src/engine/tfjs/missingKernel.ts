import { LockstepError } from '@lockstep/core';

/** TensorFlow.js's backends lack some kernels, gradients mostly: a clear error in the place of a bug. */
export function explainMissingKernel(engine: string, model: string, thrown: unknown): unknown {
  const [, kernel] = /Kernel '(\w+)' not registered/.exec(String(thrown)) ?? [];
  if (kernel === undefined) return thrown;
  return new LockstepError(
    'ENGINE_UNAVAILABLE',
    `the engine '${engine}' cannot compute the model '${model}': it has no ${kernel}`,
    { hint: 'Use another --engine: tensorflow and cpu have it.', cause: thrown },
  );
}

import type { LockstepError } from '@lockstep/core';
import { engine, memory, setBackend } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { expect } from 'vitest';
import { startTensorFlow, type TensorFlow } from '../backend/index.js';
import { elementCount } from '../native/dataTypes.js';
import { CapturedFunction } from './captured.js';
import type { FeedArray, Signature } from './signature.js';
import { GraphSpace } from './space.js';
import type { TensorFunction } from './trace.js';

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

export interface Input {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** Whole numbers from -most to most, whose sums are exact in whatever order. */
export const inputOf = (shape: readonly number[], most = 8): fc.Arbitrary<Input> => {
  const length = elementCount(shape);
  return fc
    .array(fc.integer({ min: -most, max: most }), { minLength: length, maxLength: length })
    .map((values) => ({ shape, values: Float32Array.from(values) }));
};

type Results = Record<string, FeedArray>;

const plus0 = (value: number): number => value + 0;

/** The same function captured, and op by op on the same library, in which nothing is rewritten. */
export async function bothOf(
  tensorflow: TensorFlow,
  work: TensorFunction,
  given: Readonly<Record<string, Input>>,
): Promise<[captured: Results, eager: Results]> {
  const entries = Object.entries(given);
  const inputs: Signature = Object.fromEntries(
    entries.map(([name, { shape }]) => [name, { dtype: 'float32', shape }]),
  );
  const feeds = Object.fromEntries(entries.map(([name, { values }]) => [name, values]));
  const run = async (options: object): Promise<Results> => {
    const space = new GraphSpace(tensorflow);
    try {
      const captured = new CapturedFunction(space, work, { name: 'test', inputs, ...options });
      const results = await captured.run(feeds);
      // 0 and -0 are the same number.
      const numbers = Object.entries(results).map(([name, values]) => [name, values.map(plus0)]);
      return Object.fromEntries(numbers) as Results;
    } finally {
      await space.delete();
    }
  };
  return [await run({}), await run({ maxShapes: 0, onFallback: () => {} })];
}

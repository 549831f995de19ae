import { bytesOf, sha256 } from '@lockstep/core';
import { CapturedFunction, GraphSpace, startTensorFlow } from '@lockstep/tensorflow';
import { findEngine } from '@lockstep/tensorflow/install';
import { setBackend, type Tensor1D } from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { uniformBySample } from '../../noise/uniformBySample.js';
import { uniformBySampleContract } from '../../noise/uniformBySample.suite.js';
import { fillUniforms } from '../../noise/uniforms.js';
import { describeWithLibrary } from './library.suite.js';
import { registerUniformKernel } from './uniformKernel.js';

const start = async () => {
  registerUniformKernel();
  registerUniformKernel();
  return startTensorFlow((await findEngine())!.library);
};

describeWithLibrary('dropout masks on libtensorflow', () => {
  beforeAll(start);
  uniformBySampleContract('tensorflow', () => setBackend('tensorflow'));

  it.each([[[50, 1024]], [[6, 5, 7]]])(
    'draws anew in each run of a captured graph, of the shape %j',
    async (shape) => {
      const tensorFlow = await start();
      await setBackend('tensorflow');
      const before = tensorFlow.binding.getNumOfTensors();
      const key = { low: 5, high: 2 ** 32 - 1 };
      const captured = new CapturedFunction(
        new GraphSpace(tensorFlow),
        ({ counter }) => ({ drawn: uniformBySample(counter as Tensor1D, key, shape) }),
        { name: 'noise', inputs: { counter: { dtype: 'int32', shape: [2] } } },
      );
      for (const counter of [Int32Array.of(0, 0), Int32Array.of(59_950, 7)]) {
        const { drawn } = await captured.run({ counter });
        const expected = new Float32Array(drawn!.length);
        fillUniforms(expected, drawn!.length / shape[0]!, key, counter[0]!, counter[1]!);
        expect(sha256(bytesOf(drawn!))).toBe(sha256(bytesOf(expected)));
      }
      expect(tensorFlow.binding.getNumOfTensors()).toBe(before);
    },
  );
});

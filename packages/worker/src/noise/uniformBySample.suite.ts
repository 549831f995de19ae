import { bytesOf, sha256 } from '@lockstep/core';
import { memory, tensor1d, tidy } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { uniformBySample } from './uniformBySample.js';
import { fillUniforms } from './uniforms.js';

/** What the kernel must do on every backend. @param start makes the backend the current one */
export function uniformBySampleContract(backendName: string, start: () => Promise<unknown>): void {
  describe(`LockstepUniformBySample on ${backendName}`, () => {
    beforeAll(start);

    it.each([
      { shape: [50, 1024], position: 59_950, step: 20_000 },
      { shape: [3, 5, 7], position: 2 ** 31 - 3, step: 2 ** 31 - 1 },
      { shape: [7, 1], position: 0, step: 0 },
      { shape: [2, 1, 6], position: 1, step: 2 },
      { shape: [1_200, 130], position: 12_345_678, step: 9 },
    ])('draws $shape from $position in step $step, bit for bit', ({ shape, position, step }) => {
      const key = { low: 0xa4093822, high: 0xf99f31d0 };
      const before = memory().numTensors;
      const counter = tensor1d([position, step], 'int32');
      const drawn = uniformBySample(counter, key, shape);
      const expected = new Float32Array(shape.reduce((product, size) => product * size, 1));
      fillUniforms(expected, expected.length / shape[0]!, key, position, step);
      expect(drawn.dtype).toBe('float32');
      expect(drawn.shape).toEqual(shape);
      expect(sha256(bytesOf(drawn.dataSync()))).toBe(sha256(bytesOf(expected)));
      counter.dispose();
      drawn.dispose();
      expect(memory().numTensors).toBe(before);
    });

    // From StatelessRandomUniformV2 of TensorFlow 2.21: 8 draws with this key, from the counter [7, 3].
    it('draws what TensorFlow draws, and for ever: runs are repeated by their seed', () => {
      const draws = tidy(() =>
        uniformBySample(tensor1d([7, 3], 'int32'), { low: 9, high: 0 }, [2, 3]).arraySync(),
      );
      expect(draws).toEqual([
        [0.5316466093063354, 0.9166374206542969, 0.09825015068054199],
        [0.34228944778442383, 0.4670001268386841, 0.2323685884475708],
      ]);
    });
  });
}

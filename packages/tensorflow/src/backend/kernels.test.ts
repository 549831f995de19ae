import { concat, scalar, setBackend, step, tensor1d } from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { describeWithLibrary } from '../testing.suite.js';
import { startTensorFlow } from './backend.js';

describeWithLibrary('kernels', (library) => {
  beforeAll(async () => {
    startTensorFlow(library);
    await setBackend('tensorflow');
  });

  it('Step is 1 above 0, alpha below, and NaN at NaN', () => {
    const x = tensor1d([-2, 0, 3, Number.NaN]);
    expect(step(x, 0.5).dataSync()).toEqual(Float32Array.of(0.5, 0.5, 1, Number.NaN));
    expect(step(tensor1d([-2, 0, 3], 'int32')).dataSync()).toEqual(Int32Array.of(0, 0, 1));
  });

  it('Round keeps whole numbers, and rounds halves to even', () => {
    const whole = tensor1d([-12345678, 7, 0], 'int32');
    expect(whole.round().dataSync()).toEqual(Int32Array.of(-12345678, 7, 0));
    const rounded = tensor1d([0.5, 1.5, 2.6]).round();
    expect(rounded.dataSync()).toEqual(Float32Array.of(0, 2, 3));
  });

  it('Concat makes a vector of scalars', () => {
    expect(concat([scalar(1), scalar(2)]).dataSync()).toEqual(Float32Array.of(1, 2));
    expect(concat([tensor1d([1]), tensor1d([2, 3])]).shape).toEqual([3]);
  });
});

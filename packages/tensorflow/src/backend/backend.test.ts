import { createRequire } from 'node:module';
import {
  dispose,
  engine,
  findBackend,
  matMul,
  ones,
  setBackend,
  tensor,
} from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { describeWithLibrary } from '../testing.suite.js';
import { startTensorFlow } from './backend.js';

/** Steps of the endurance test, each with several ops, reads and a failure. */
const steps = 10_000;

/** One tensor or string of 64 KiB kept by each step would be 312 MiB in half of them. */
const side = 128;
const boundedGrowthBytes = 128 * 2 ** 20;

describeWithLibrary('startTensorFlow', (library) => {
  it('registers the backend, once', async () => {
    const tensorFlow = startTensorFlow(library);
    expect(startTensorFlow(library)).toBe(tensorFlow);
    expect(findBackend('tensorflow')).toBe(tensorFlow.backend);
    expect(await setBackend('tensorflow')).toBe(true);
  });

  it('says what runs, and where', () => {
    const { version, devices, isUsingGpu } = startTensorFlow(library);
    expect(version).toMatch(/^\d+\.\d+\.\d+/);
    const [cpu] = devices();
    expect(cpu).toMatchObject({ type: 'CPU', name: expect.stringMatching(/device:CPU:0$/) });
    expect(cpu?.memoryBytes).toBeGreaterThan(0);
    expect(isUsingGpu).toBe(devices().some(({ type }) => type === 'GPU'));
  });

  it('shares its TensorFlow.js with all who import it', () => {
    const union = createRequire(import.meta.url)('@tensorflow/tfjs') as { engine(): unknown };
    expect(union.engine()).toBe(engine());
  });

  it('refuses another library or other threads in the same process', () => {
    expect(() => startTensorFlow('/elsewhere/libtensorflow.so')).toThrow(/already runs/);
    expect(() => startTensorFlow(library, { intraOpThreads: 3 })).toThrow(/3 intra-op/);
  });

  it(`keeps neither tensors nor memory over ${steps} steps`, async () => {
    await setBackend('tensorflow');
    const { binding } = startTensorFlow(library);
    const weights = ones([side, side]);
    const long = 'x'.repeat(side * side * Float32Array.BYTES_PER_ELEMENT);
    const host = new Float32Array(side * side).fill(1);
    const step = () => {
      engine().tidy(() => {
        const text = tensor([long, 'ü', '']);
        expect(text.concat(text).shape).toEqual([6]);
        const images = tensor(host, [side, side]);
        expect(matMul(images, weights).relu().dataSync()[0]).toBe(side);
      });
      expect(() => binding.executeOp('MatMul', [], [], 1)).toThrow();
    };
    step();
    const tensors = binding.getNumOfTensors();
    for (let index = 0; index < steps / 2; index++) step();
    const halfway = process.memoryUsage().rss;
    for (let index = 0; index < steps / 2; index++) step();
    expect(process.memoryUsage().rss - halfway).toBeLessThan(boundedGrowthBytes);
    expect(binding.getNumOfTensors()).toBe(tensors);
    dispose(weights);
  }, 120_000);
});

import '@tensorflow/tfjs-backend-cpu';
import { env, setBackend, tensor1d } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { Noise } from './noise.js';
import { registerUniformBySample } from './uniformBySample.js';

beforeAll(async () => {
  env().set('PROD', true);
  registerUniformBySample('cpu');
  await setBackend('cpu');
});

const counter = () => tensor1d([5, 2], 'int32');
const draw = (noise: Noise) => [...noise.uniform([1, 2]).dataSync()];

describe('Noise', () => {
  it('draws the same in the same order in every pass of a seed, and twice different in one', () => {
    const passes = [new Noise(1), new Noise(1), new Noise(2)].map((noise) =>
      noise.during(counter(), () => [draw(noise), draw(noise)]),
    );
    expect(passes[1]).toEqual(passes[0]);
    expect(new Set([...passes[0]!, ...passes[2]!].flat()).size).toBe(8);
    const again = new Noise(1);
    again.during(counter(), () => draw(again));
    expect(again.during(counter(), () => [draw(again), draw(again)])).toEqual(passes[0]);
  });

  it('keeps the draws of a seed for ever: runs are repeated by their seed', () => {
    const noise = new Noise(42);
    expect(noise.during(counter(), () => [draw(noise), draw(noise)])).toMatchInlineSnapshot(`
      [
        [
          0.20302891731262207,
          0.17242431640625,
        ],
        [
          0.31532585620880127,
          0.2046356201171875,
        ],
      ]
    `);
  });

  it('is on only during a pass, and off again after one that failed', () => {
    const noise = new Noise(1);
    expect(noise.isOn).toBe(false);
    expect(noise.during(counter(), () => noise.isOn)).toBe(true);
    const fail = () => {
      throw new Error('broken');
    };
    expect(() => noise.during(counter(), fail)).toThrow('broken');
    expect(noise.isOn).toBe(false);
    expect(() => noise.uniform([1, 2])).toThrow(expect.objectContaining({ code: 'INTERNAL' }));
  });
});

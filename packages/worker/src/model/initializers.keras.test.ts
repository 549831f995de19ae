import { readFileSync } from 'node:fs';
import { Random } from '@lockstep/core/data';
import { describe, expect, it } from 'vitest';
import { type InitializerJson, initialise } from './initializers.js';

/** Written by tools/golden/keras_initializers.py with the real Keras. */
interface Golden {
  cases: (InitializerJson & {
    shape: number[];
    mean: number;
    deviation: number;
    least: number;
    largest: number;
  })[];
}

const { cases }: Golden = JSON.parse(
  readFileSync(new URL('./initializers.golden.json', import.meta.url), 'utf8'),
);

describe('as spread as those of Keras 3', () => {
  it.each(cases)('$class_name $config of $shape', ({ shape, ...golden }) => {
    const values = new Float32Array(shape.reduce((product, size) => product * size, 1));
    initialise(values, shape, golden, Random.from('spread', 1));
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    // Seven standard errors of two samples of 100,000; and the ends of a normal one stray more than its middle.
    const near = 0.03 * golden.deviation + 1e-7;
    expect(Math.abs(mean - golden.mean)).toBeLessThan(near);
    expect(Math.abs(Math.sqrt(variance) - golden.deviation)).toBeLessThan(near);
    const isNormal = /RandomNormal|untruncated/.test(JSON.stringify(golden));
    const ends = (isNormal ? 1.2 : 0.03) * golden.deviation + 1e-7;
    const [least, largest] = [
      values.reduce((a, b) => Math.min(a, b)),
      values.reduce((a, b) => Math.max(a, b)),
    ];
    expect(Math.abs(least - golden.least)).toBeLessThan(ends);
    expect(Math.abs(largest - golden.largest)).toBeLessThan(ends);
  });
});

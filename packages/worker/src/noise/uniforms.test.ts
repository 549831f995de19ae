import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fillUniforms } from './uniforms.js';

const key = { low: 0xa4093822, high: 0x299f31d0 };

function uniforms(samples: number, sampleSize: number, position: number, step: number) {
  const draws = new Float32Array(samples * sampleSize);
  fillUniforms(draws, sampleSize, key, position, step);
  return draws;
}

describe('fillUniforms', () => {
  it('gives a sample its draws in whatever batch it is', () => {
    const small = fc.integer({ min: 1, max: 9 });
    const int32 = fc.nat({ max: 2 ** 31 - 20 });
    fc.assert(
      fc.property(small, small, int32, int32, (samples, sampleSize, position, step) => {
        const together = uniforms(samples, sampleSize, position, step);
        for (let sample = 0; sample < samples; sample++) {
          const alone = uniforms(1, sampleSize, position + sample, step);
          expect(together.subarray(sample * sampleSize, (sample + 1) * sampleSize)).toEqual(alone);
        }
      }),
    );
  });

  it('gives every sample, step and key others', () => {
    const other = new Float32Array(8);
    fillUniforms(other, 8, { low: key.low + 1, high: key.high }, 3, 4);
    const draws = [
      uniforms(1, 8, 3, 4),
      uniforms(1, 8, 4, 4),
      uniforms(1, 8, 3, 5),
      uniforms(1, 8, 4, 3),
      other,
    ];
    expect(new Set(draws.flatMap((each) => [...each])).size).toBe(5 * 8);
  });

  it('draws evenly from [0, 1)', () => {
    const draws = uniforms(100, 1_000, 0, 0);
    const bins = new Array<number>(10).fill(0);
    for (const draw of draws) bins[Math.floor(draw * 10)]!++;
    expect(bins).toHaveLength(10);
    // 10,000 each; the standard deviation is 95.
    for (const count of bins) expect(Math.abs(count - 10_000)).toBeLessThan(400);
  });
});

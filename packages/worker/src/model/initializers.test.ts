import { Random } from '@lockstep/core/data';
import { describe, expect, it } from 'vitest';
import { initialise } from './initializers.js';

const shape = [3, 3, 20, 50];
const fanIn = 9 * 20;
const fanOut = 9 * 50;

function drawn(class_name: string, config: Record<string, unknown> = {}, seed = 1): Float32Array {
  const values = new Float32Array(shape.reduce((product, size) => product * size, 1));
  initialise(values, shape, { class_name, config }, Random.from(seed));
  return values;
}

function momentsOf(values: Float32Array) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  const largest = values.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  return { mean, variance, largest };
}

describe('initialise', () => {
  it.each([
    ['GlorotUniform', {}, 2 / (fanIn + fanOut)],
    ['glorot_normal', {}, 2 / (fanIn + fanOut)],
    ['HeUniform', {}, 2 / fanIn],
    ['heNormal', {}, 2 / fanIn],
    ['LecunUniform', {}, 1 / fanIn],
    ['LecunNormal', {}, 1 / fanIn],
    ['VarianceScaling', { scale: 3, mode: 'fan_out', distribution: 'uniform' }, 3 / fanOut],
    ['VarianceScaling', { scale: 3, mode: 'fanAvg', distribution: 'normal' }, 6 / (fanIn + fanOut)],
    ['VarianceScaling', { distribution: 'untruncated_normal' }, 1 / fanIn],
    ['RandomUniform', {}, 0.1 ** 2 / 12],
    ['RandomNormal', { stddev: 0.2 }, 0.04],
  ])('%s %j has its variance and the mean 0', (name, config, expected) => {
    const { mean, variance } = momentsOf(drawn(name, config));
    // 9000 draws: the standard error of the variance is at most 1.5 %, that of the mean 1.1 % of a deviation.
    expect(Math.abs(variance / expected - 1)).toBeLessThan(0.06);
    expect(Math.abs(mean) / Math.sqrt(expected)).toBeLessThan(0.045);
  });

  it('cuts uniform draws at the limit and truncated normal draws at two deviations', () => {
    const uniform = momentsOf(drawn('GlorotUniform')).largest;
    const limit = Math.sqrt(6 / (fanIn + fanOut));
    expect(uniform).toBeLessThanOrEqual(Math.fround(limit));
    expect(uniform).toBeGreaterThan(0.99 * limit);
    const truncated = momentsOf(drawn('TruncatedNormal', { stddev: 0.5 })).largest;
    expect(truncated).toBeLessThanOrEqual(1);
    expect(truncated).toBeGreaterThan(0.9);
  });

  it('fills constants', () => {
    expect(new Set(drawn('Zeros'))).toEqual(new Set([0]));
    expect(new Set(drawn('ones'))).toEqual(new Set([1]));
    expect(new Set(drawn('Constant', { value: 0.5 }))).toEqual(new Set([0.5]));
  });

  it('draws the same bits from the same seed, others from another', () => {
    for (const name of ['GlorotUniform', 'HeNormal']) {
      expect(drawn(name, {}, 7)).toEqual(drawn(name, {}, 7));
      expect(drawn(name, {}, 7)).not.toEqual(drawn(name, {}, 8));
    }
  });

  it('refuses what it does not know', () => {
    expect(() => drawn('Orthogonal')).toThrowError(/initializer 'Orthogonal' is not known/);
    expect(() => drawn('toString')).toThrowError(/initializer 'toString' is not known/);
    expect(() => drawn('VarianceScaling', { mode: 'fan' })).toThrowError(/mode.*'fan'/);
    expect(() => drawn('RandomNormal', { stddev: 'wide' })).toThrowError(/'stddev' is "wide"/);
  });
});

import { cast, greater, less, mul, sum } from '@tensorflow/tfjs-core';
import type { Metric } from './metric.js';

/** Samples with fewer than five outputs above that of their label: Keras's default k. */
const k = 5;

export const topKAccuracy = (name: string): Metric => ({
  name,

  sum({ scores, labels, units }) {
    let right = 0;
    for (const [sample, label] of labels.entries()) {
      const row = scores.subarray(sample * units, (sample + 1) * units);
      if (row.filter((score) => score > row[label]!).length < k) right++;
    }
    return right;
  },

  sumTensor: ({ scores, targets }) => {
    const own = sum(mul(scores, targets), -1, true);
    const above = sum(cast(greater(scores, own), 'float32'), -1);
    return sum(cast(less(above, k), 'float32'));
  },
});

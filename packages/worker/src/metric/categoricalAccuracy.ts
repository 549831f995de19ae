import { argMax, cast, equal, sum } from '@tensorflow/tfjs-core';
import type { Metric } from './metric.js';

/** Samples whose largest output (the first of equals) is their label's. */
export const categoricalAccuracy = (name: string): Metric => ({
  name,

  sum({ scores, labels, units }) {
    let right = 0;
    for (const [sample, label] of labels.entries()) {
      const row = sample * units;
      let largest = 0;
      for (let j = 1; j < units; j++) if (scores[row + j]! > scores[row + largest]!) largest = j;
      if (largest === label) right++;
    }
    return right;
  },

  sumTensor: ({ scores, labels }) => sum(cast(equal(argMax(scores, -1), labels), 'float32')),
});

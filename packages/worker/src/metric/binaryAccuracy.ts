import { cast, equal, greater, mean, sum } from '@tensorflow/tfjs-core';
import { targetsOf } from '../loss/index.js';
import type { Metric } from './metric.js';

/** Units whose output is above 0.5 where their target is 1, and not where it is 0: the mean over the units. */
export const binaryAccuracy = (name: string): Metric => ({
  name,

  sum({ outputs, labels, units }) {
    const targets = targetsOf(labels, units);
    let right = 0;
    for (const [i, output] of outputs.entries()) {
      if ((output > 0.5 ? 1 : 0) === targets[i]) right++;
    }
    return right / units;
  },

  sumTensor: ({ outputs, targets }) => {
    const right = equal(cast(greater(outputs, 0.5), 'float32'), targets);
    return sum(mean(cast(right, 'float32'), -1));
  },
});

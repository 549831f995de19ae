import { toLockstepError } from '@lockstep/core';
import { lossNamed, lossNames, metricNamed, metricNames } from '@lockstep/core/model';
import { optional, type Parser, withDefault } from './flag.js';
import { list, listOf, refuse } from './parsers.js';

/** By any of its names; Keras's is what it becomes. */
const named =
  (find: (name: string) => string, names: readonly string[]): Parser<string> =>
  (text, name) => {
    try {
      return find(text);
    } catch (thrown) {
      return refuse(name, text, listOf(names), toLockstepError(thrown).hint);
    }
  };

const someMetrics = list(named(metricNamed, metricNames));

export const lossFlag = optional(
  {
    flags: '--loss <NAME>',
    description: `loss: ${lossNames.join(', ')} (default: that of the model, or else the first)`,
  },
  named(lossNamed, lossNames),
);

/** What is made small, and what else is measured. */
export const objectiveFlags = {
  loss: lossFlag,
  metrics: withDefault(
    {
      flags: '--metrics <NAMES>',
      description: `measure besides loss and accuracy, with commas between: ${metricNames.slice(1).join(', ')}`,
      default: 'none',
    },
    (text, name): string[] => (text === 'none' ? [] : someMetrics(text, name)),
  ),
};

import { toLockstepError } from '@lockstep/core';
import {
  EarlyStopping,
  type EarlyStoppingOptions,
  parseSchedule,
  ReduceLROnPlateau,
  type ReduceLROnPlateauOptions,
} from '@lockstep/core/callbacks';
import type { Parser } from './flag.js';
import { pairs } from './pairs.js';
import { anyNumber, choice, refuse, trueOrFalse, wholeNumber } from './parsers.js';

/** The metrics of an epoch; those with `val_` are there with `--validation test` only. */
export const metricNames = ['val_loss', 'val_accuracy', 'loss', 'accuracy'] as const;

const monitor = {
  monitor: choice(metricNames),
  mode: choice(['auto', 'min', 'max'] as const),
  minDelta: anyNumber,
};
const patience = wholeNumber(0);
const verbose: Parser<0 | 1> = (text, name) => (wholeNumber(0, 1)(text, name) === 0 ? 0 : 1);

const earlyStoppingPairs = pairs<EarlyStoppingOptions>({
  ...monitor,
  patience,
  verbose,
  baseline: anyNumber,
  restoreBestWeights: trueOrFalse,
  startFromEpoch: wholeNumber(0),
});

const reduceLrPairs = pairs<ReduceLROnPlateauOptions>({
  ...monitor,
  patience,
  verbose,
  factor: anyNumber,
  cooldown: wholeNumber(0),
  minLearningRate: anyNumber,
});

/** The callbacks themselves know which options go together: what they refuse is refused here, early. */
function accepted<T>(parse: Parser<T>, construct: (options: T) => unknown): Parser<T> {
  return (text, name) => {
    const value = parse(text, name);
    try {
      construct(value);
    } catch (thrown) {
      const { message, hint } = toLockstepError(thrown);
      refuse(name, text, `what the callback accepts: ${message}`, hint);
    }
    return value;
  };
}

export const earlyStopping = accepted(earlyStoppingPairs, (options) => new EarlyStopping(options));
export const reduceLrOnPlateau = accepted(
  reduceLrPairs,
  (options) => new ReduceLROnPlateau(options),
);
/** Stays a text: a schedule is a function, and `run.json` and the checkpoint keep what was asked for. */
export const learningRateSchedule = accepted<string>((text) => text, parseSchedule);

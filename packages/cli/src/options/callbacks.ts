import { toLockstepError } from '@lockstep/core';
import {
  EarlyStopping,
  type EarlyStoppingOptions,
  parseSchedule,
  ReduceLROnPlateau,
  type ReduceLROnPlateauOptions,
} from '@lockstep/core/callbacks';
import { metricNames } from '@lockstep/core/model';
import type { Parser } from './flag.js';
import { pairs } from './pairs.js';
import { anyNumber, choice, refuse, trueOrFalse, wholeNumber } from './parsers.js';
import { suggest } from './suggest.js';

const measured = ['loss', ...metricNames];
const monitored = [...measured.map((name) => `val_${name}`), ...measured];

/** What callbacks can look at: the loss and every metric, and with `val_` what validation says of it. */
export const monitor: Parser<string> = (text, name) => {
  if (monitored.includes(text)) return text;
  const meant = suggest(text, monitored);
  const hint = meant === undefined ? undefined : `Did you mean ${meant}?`;
  return refuse(name, text, 'val_loss, val_accuracy, loss, accuracy or one of --metrics', hint);
};

const monitoring = {
  monitor,
  mode: choice(['auto', 'min', 'max'] as const),
  minDelta: anyNumber,
};
const patience = wholeNumber(0);
const verbose: Parser<0 | 1> = (text, name) => (wholeNumber(0, 1)(text, name) === 0 ? 0 : 1);

const earlyStoppingPairs = pairs<EarlyStoppingOptions>({
  ...monitoring,
  patience,
  verbose,
  baseline: anyNumber,
  restoreBestWeights: trueOrFalse,
  startFromEpoch: wholeNumber(0),
});

const reduceLrPairs = pairs<ReduceLROnPlateauOptions>({
  ...monitoring,
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

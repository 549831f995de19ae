import { join } from 'node:path';
import { loadUserCallbacks } from '@lockstep/coordinator';
import {
  type Callback,
  CSVLogger,
  EarlyStopping,
  LearningRateScheduler,
  ModelCheckpoint,
  parseSchedule,
  ReduceLROnPlateau,
  TargetAccuracy,
} from '@lockstep/core/callbacks';
import type { TrainOptions } from '../options/options.js';

/** The callbacks that the flags ask for, in the order in which they run; the user's own come last. */
export async function callbacksOf(
  options: TrainOptions,
  given: readonly Callback[],
  directory: string,
): Promise<Callback[]> {
  const own = await Promise.all(options.callbacks.map(loadUserCallbacks));
  const { learningRateSchedule, reduceLrOnPlateau, earlyStopping } = options;
  const { targetAccuracy, saveBest } = options;
  return [
    ...(learningRateSchedule === null
      ? []
      : [new LearningRateScheduler(parseSchedule(learningRateSchedule))]),
    ...(reduceLrOnPlateau === null ? [] : [new ReduceLROnPlateau(reduceLrOnPlateau)]),
    ...(earlyStopping === null ? [] : [new EarlyStopping(earlyStopping)]),
    ...(targetAccuracy === null ? [] : [new TargetAccuracy({ target: targetAccuracy })]),
    ...(saveBest === null ? [] : [new ModelCheckpoint({ monitor: saveBest, saveBestOnly: true })]),
    ...own.flat(),
    ...given,
    new CSVLogger(join(directory, 'history.csv')),
  ];
}

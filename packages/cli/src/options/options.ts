import type { Sourced } from '@lockstep/coordinator';
import { LockstepError } from '@lockstep/core';
import type { coordinatorFlags } from './coordinator.js';
import type { ValuesOf } from './flag.js';
import type { doctorFlags, evaluateFlags, predictFlags } from './results.js';
import type { trainFlags } from './train.js';
import type { workerFlags } from './worker.js';

type TrainValues = ValuesOf<typeof trainFlags>;

/** What `train` is to do. The learning rate is the optimizer's. */
export type TrainOptions = Omit<TrainValues, 'learningRate'>;
export type CoordinatorFlags = Omit<ValuesOf<typeof coordinatorFlags>, 'learningRate'>;
export type WorkerFlags = ValuesOf<typeof workerFlags>;
export type EvaluateOptions = ValuesOf<typeof evaluateFlags>;
export type PredictOptions = ValuesOf<typeof predictFlags>;
export type DoctorOptions = ValuesOf<typeof doctorFlags>;

export interface Read<Values> {
  readonly values: Values;
  readonly sources: Record<string, Sourced>;
}

/**
 * Puts `--learning-rate` into the optimizer, and looks at the flags together.
 *
 * @throws USAGE when a flag asks for a metric that another flag turned off
 */
export function trainOptionsOf<Values extends TrainValues>({
  values,
  sources,
}: Read<Values>): Read<Omit<Values, 'learningRate'>> {
  const { learningRate, ...rest } = values;
  const optimizer =
    learningRate === null ? values.optimizer : { ...values.optimizer, learningRate };
  const rate = { ...sources.learningRate!, value: optimizer.learningRate };
  // A resumed run may bring the validation that its command line does not mention.
  if (values.resume === null) refuseMissingMetrics(values);
  return {
    values: { ...rest, optimizer },
    sources: {
      ...sources,
      optimizer: { ...sources.optimizer!, value: optimizer },
      learningRate: rate,
    },
  };
}

function refuseMissingMetrics(values: TrainValues): void {
  if (values.validation !== 'none') return;
  const { saveBest, earlyStopping, reduceLrOnPlateau } = values;
  const monitored: [string, string | undefined][] = [
    ['--save-best', saveBest ?? undefined],
    ['--early-stopping', earlyStopping ? (earlyStopping.monitor ?? 'val_loss') : undefined],
    [
      '--reduce-lr-on-plateau',
      reduceLrOnPlateau ? (reduceLrOnPlateau.monitor ?? 'val_loss') : undefined,
    ],
  ];
  for (const [flag, metric] of monitored) {
    if (metric?.startsWith('val_')) {
      throw new LockstepError('USAGE', `${flag} looks at ${metric}, but --validation is none`, {
        hint: `Use --validation test, or let ${flag} look at ${metric.slice('val_'.length)}.`,
      });
    }
  }
}

import type { Sourced } from '@lockstep/coordinator';
import { LockstepError } from '@lockstep/core';
import { refuseForStar } from './averaging.js';
import { batchOf } from './batch.js';
import type { coordinatorFlags } from './coordinator.js';
import type { ValuesOf } from './flag.js';
import { refuseForShards } from './membership.js';
import { warmupEpochsOf } from './rateScaling.js';
import type { doctorFlags, evaluateFlags, predictFlags } from './results.js';
import type { trainFlags } from './train.js';
import type { workerFlags } from './worker.js';

type TrainValues = ValuesOf<typeof trainFlags>;

/** What other options say already: the optimizer has the rate, batch size and accumulation the rest. */
type Absorbed = 'learningRate' | 'microBatchSize' | 'warmupEpochs' | 'workers';
type Settled<Values> = Omit<Values, Absorbed> & {
  readonly warmupEpochs: number;
  /** With how many the run begins, and with how many it goes on. */
  readonly workers: number;
  readonly minWorkers: number;
};

/** What `train` is to do. */
export type TrainOptions = Settled<TrainValues>;
export type CoordinatorFlags = Settled<ValuesOf<typeof coordinatorFlags>>;
export type WorkerFlags = ValuesOf<typeof workerFlags>;
export type EvaluateOptions = ValuesOf<typeof evaluateFlags>;
export type PredictOptions = ValuesOf<typeof predictFlags>;
export type DoctorOptions = ValuesOf<typeof doctorFlags>;

export interface Read<Values> {
  readonly values: Values;
  readonly sources: Record<string, Sourced>;
}

/**
 * Puts `--learning-rate` into the optimizer, `--micro-batch-size` into the batch, and looks at the flags together.
 *
 * @throws USAGE when flags contradict each other
 */
export function trainOptionsOf<Values extends TrainValues>({
  values,
  sources,
}: Read<Values>): Read<Settled<Values>> {
  const { learningRate, microBatchSize, warmupEpochs: _given, workers, ...rest } = values;
  const optimizer =
    learningRate === null ? values.optimizer : { ...values.optimizer, learningRate };
  const rate = { ...sources.learningRate!, value: optimizer.learningRate };
  // A resumed run may bring the validation that its command line does not mention.
  if (values.resume === null) refuseMissingMetrics(values);
  else if (values.initFrom !== null) {
    throw new LockstepError('USAGE', '--init-from and --resume are two beginnings', {
      hint: 'Leave one out: a resumed run has its own weights.',
    });
  }
  refuseForStar(values);
  refuseForShards(workers, values);
  const warmupEpochs = warmupEpochsOf(values);
  const batch = settledBatch(values, sources);
  return {
    values: {
      ...rest,
      ...batch.values,
      optimizer,
      warmupEpochs,
      workers: workers.max,
      minWorkers: workers.min,
    },
    sources: {
      ...sources,
      optimizer: { ...sources.optimizer!, value: optimizer },
      learningRate: rate,
      workers: { ...sources.workers!, value: workers.max },
      minWorkers: { ...sources.workers!, value: workers.min },
      warmupEpochs: { ...sources.warmupEpochs!, value: warmupEpochs },
      ...batch.sources,
    },
  };
}

/** What follows from a flag comes from where that flag came from. */
function settledBatch(
  values: TrainValues,
  sources: Record<string, Sourced>,
): Read<ReturnType<typeof batchOf>> {
  const given = (key: string): boolean => sources[key]?.source !== 'default';
  if (values.resume !== null) {
    if (values.microBatchSize !== null) {
      throw new LockstepError('USAGE', '--micro-batch-size cannot be given with --resume', {
        hint: 'A run keeps its batch size; give --accumulate to compute it in more parts.',
      });
    }
    const { batchSize, accumulate } = values;
    return { values: { batchSize, accumulate }, sources: {} };
  }
  const batch = batchOf(values, values.workers.max, given);
  const micro = sources.microBatchSize!;
  const sourceOf = (key: keyof typeof batch): Sourced => ({
    value: batch[key],
    source: given(key) || !given('microBatchSize') ? sources[key]!.source : micro.source,
  });
  return {
    values: batch,
    sources: { batchSize: sourceOf('batchSize'), accumulate: sourceOf('accumulate') },
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

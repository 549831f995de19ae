import type { Sourced } from '@lockstep/coordinator';
import { LockstepError } from '@lockstep/core';
import { refuseForStar, refuseGuardedShards } from './averaging.js';
import { batchOf } from './batch.js';
import type { coordinatorFlags } from './coordinator.js';
import type { ValuesOf } from './flag.js';
import { lengthOf } from './length.js';
import { warmupEpochsOf } from './rateScaling.js';
import type { dataInspectFlags, doctorFlags, evaluateFlags, predictFlags } from './results.js';
import { runToResume } from './resume.js';
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
export type DataInspectOptions = ValuesOf<typeof dataInspectFlags>;
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
  values: given,
  sources,
}: Read<Values>): Read<Settled<Values>> {
  const values = { ...given, resume: runToResume(given) };
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
  refuseGuardedShards(values);
  const warmupEpochs = warmupEpochsOf(values);
  const batch = settledBatch(values, sources);
  const length = lengthOf(values, (key) => sources[key]?.source !== 'default');
  refuseTwoValidations(values, sources);
  return {
    values: {
      ...rest,
      ...batch.values,
      ...length,
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
      epochs: { ...sources.epochs!, value: length.epochs },
      targetAccuracy: { ...sources.targetAccuracy!, value: length.targetAccuracy },
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

/** The test split is what validates unless something else is asked for. */
function refuseTwoValidations(values: TrainValues, sources: Record<string, Sourced>): void {
  if (values.validationSplit === null || sources.validation?.source === 'default') return;
  throw new LockstepError(
    'USAGE',
    '--validation-split and --validation-data both say what validates',
    { hint: 'Give one of them.' },
  );
}

function refuseMissingMetrics(values: TrainValues): void {
  const { saveBest, earlyStopping, reduceLrOnPlateau } = values;
  const monitored: [string, string | undefined][] = [
    ['--save-best', saveBest ?? undefined],
    ['--early-stopping', earlyStopping ? (earlyStopping.monitor ?? 'val_loss') : undefined],
    [
      '--reduce-lr-on-plateau',
      reduceLrOnPlateau ? (reduceLrOnPlateau.monitor ?? 'val_loss') : undefined,
    ],
  ];
  const measured = ['loss', 'accuracy', ...values.metrics];
  for (const [flag, metric] of monitored) {
    if (metric === undefined) continue;
    const own = metric.replace(/^val_/, '');
    if (!measured.includes(own)) {
      throw new LockstepError('USAGE', `${flag} looks at ${metric}, which is not measured`, {
        hint: `Measure it with --metrics ${own}.`,
      });
    }
    if (values.validation === 'none' && values.validationSplit === null && metric !== own) {
      throw new LockstepError(
        'USAGE',
        `${flag} looks at ${metric}, but --validation-data is none`,
        {
          hint: `Use --validation-data test, or let ${flag} look at ${own}.`,
        },
      );
    }
  }
}

import { learningRateAt } from '@lockstep/core';
import {
  type Batch,
  globalSlice,
  type Range,
  rangeLength,
  rankSlice,
  type SampleSource,
} from '@lockstep/core/data';
import { type Header, type RankTimes, rankTimes } from '@lockstep/core/protocol';
import { type Trainer, trainStep } from './trainStep.js';

export interface Membership {
  readonly rank: number;
  readonly worldSize: number;
}

/** What holds for the whole run. */
type Plan = Pick<Header<'welcome'>, 'dataset' | 'batchSize' | 'logEvery'>;

/**
 * Trains the rest of an epoch, until its end, until the step that was ordered, or until the coordinator calls for a
 * stop. While the engine computes a step, the next batch is fetched.
 *
 * @param onStep hears how many steps are applied, how far in the epoch that is, and how long the last one took
 */
export async function trainEpoch(
  trainer: Trainer,
  samples: SampleSource,
  order: Header<'train'>,
  { rank, worldSize }: Membership,
  { dataset: { trainSize }, batchSize, logEvery }: Plan,
  onStep: (step: number, position: number, times: RankTimes) => void,
): Promise<void> {
  const { epoch } = order;
  const slices = slicesOf(order.position, trainSize, batchSize).slice(0, order.until - order.step);
  const ranges = slices.map((slice) => rankSlice(slice, rank, worldSize));
  samples.plan(epoch, ranges);
  let step = order.step;
  let next = fetchBatch(samples, epoch, ranges[0]);
  for (const [i, { begin: position }] of ranges.entries()) {
    const begun = performance.now();
    const batch = await next!;
    const load = performance.now() - begun;
    const globalSamples = rangeLength(slices[i]!);
    const learningRate = learningRateAt(order.learningRate, order.scaling, step);
    const isLogged = logEvery !== null && step % logEvery === 0;
    const reports = (i + 1) % order.reportEvery === 0;
    const assignment = { batch, globalSamples, step, position, learningRate, isLogged, reports };
    const stepping = trainStep(trainer, assignment);
    next = fetchBatch(samples, epoch, ranges[i + 1]);
    const { applied, proceed, spent } = await stepping;
    if (!applied) break;
    step += 1;
    onStep(step, slices[i]!.end, rankTimes(begun, { load, ...spent }));
    if (!proceed) break;
  }
  await trainer.collective.settled();
}

/** A batch that is not needed after all may be one that cannot be had. */
function fetchBatch(
  samples: SampleSource,
  epoch: number,
  range: Range | undefined,
): Promise<Batch> | null {
  if (range === undefined) return null;
  const batch = samples.train(epoch, range);
  batch.catch(() => undefined);
  return batch;
}

/** The global batches of an epoch from a position on. */
function slicesOf(position: number, trainSize: number, batchSize: number): Range[] {
  const slices: Range[] = [];
  for (let begin = position; begin < trainSize; begin += batchSize) {
    slices.push(globalSlice(begin, trainSize, batchSize));
  }
  return slices;
}

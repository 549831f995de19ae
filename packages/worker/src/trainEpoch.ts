import { type DatasetDescription, globalSlice, type Range, rankSlice } from '@lockstep/core/data';
import type { Header } from '@lockstep/core/protocol';
import { type Trainer, trainStep } from './trainStep.js';

export interface Membership {
  readonly rank: number;
  readonly worldSize: number;
}

/** Trains the rest of an epoch, until its end or until the coordinator calls for a stop. */
export async function trainEpoch(
  trainer: Trainer,
  order: Header<'train'>,
  { rank, worldSize }: Membership,
  { trainSize }: DatasetDescription,
  batchSize: number,
  onStep: (step: number) => void,
): Promise<void> {
  const { epoch, learningRate } = order;
  const ranges = rangesOfRank(order.position, trainSize, batchSize, rank, worldSize);
  trainer.samples.plan(epoch, ranges);
  let step = order.step;
  for (const range of ranges) {
    const proceed = await trainStep(trainer, { epoch, step, range, learningRate });
    step += 1;
    onStep(step);
    if (!proceed) return;
  }
}

/** What one rank trains of an epoch from a position on, step by step. */
function rangesOfRank(
  position: number,
  trainSize: number,
  batchSize: number,
  rank: number,
  worldSize: number,
): Range[] {
  const ranges: Range[] = [];
  for (let begin = position; begin < trainSize; begin += batchSize) {
    ranges.push(rankSlice(globalSlice(begin, trainSize, batchSize), rank, worldSize));
  }
  return ranges;
}

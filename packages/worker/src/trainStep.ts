import type { Collective } from '@lockstep/core/collective';
import type { Range, SampleSource } from '@lockstep/core/data';
import type { LoadedModel } from './engine/engine.js';

/** What a rank trains with: where samples come from, the model, and how gradients are averaged. */
export interface Trainer {
  readonly samples: SampleSource;
  readonly model: LoadedModel;
  readonly collective: Collective;
}

/** This rank's part of one global step. */
export interface StepAssignment {
  readonly epoch: number;
  /** Counts over all epochs. */
  readonly step: number;
  /** Positions in the epoch's permuted order; may be empty. */
  readonly range: Range;
  readonly learningRate: number;
}

/**
 * batch -> gradient -> all-reduce -> optimizer: the whole of synchronous data-parallel training, the same
 * for a world of one and for many.
 *
 * @returns whether to go on to the next step
 * @throws Halted when the step was given up; the weights are then those of the step before
 */
export async function trainStep(trainer: Trainer, assignment: StepAssignment): Promise<boolean> {
  const { samples, model, collective } = trainer;
  const { epoch, step, range, learningRate } = assignment;
  const batch = await samples.train(epoch, range);
  const { gradient, metrics } = await model.gradients(batch, { step, position: range.begin });
  const average = await collective.allReduce({ step, samples: batch.size, gradient, metrics });
  await model.apply(average.gradient, learningRate);
  return average.proceed;
}

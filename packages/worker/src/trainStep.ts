import { LockstepError } from '@lockstep/core';
import type { Collective, Part, ShardedCollective } from '@lockstep/core/collective';
import type { Batch } from '@lockstep/core/data';
import type { RankPhase } from '@lockstep/core/protocol';
import type { GradientResult, LoadedModel, Moment } from './engine/engine.js';
import { isFinitePart } from './isFinitePart.js';

/** What a rank trains: the model, and how gradients are averaged. */
export interface Trainer {
  readonly model: LoadedModel;
  /** Of a model whose optimizer is sharded: the one whose `own` part it updates. */
  readonly collective: Collective | ShardedCollective;
  /** In how many parts a rank computes its gradient before it is averaged and applied; by default 1. */
  readonly accumulate?: number;
  /** Look for NaN and infinity, and apply no step in which any rank found one; by default nobody looks. */
  readonly guarded?: boolean;
}

/** This rank's part of one global step. */
export interface StepAssignment extends Moment {
  /** May be empty. */
  readonly batch: Batch;
  /** Samples of all ranks' batches together, at least 1. */
  readonly globalSamples: number;
  readonly learningRate: number;
  /** Whether the coordinator hears of it now; else later, with others. */
  readonly reports: boolean;
  /** Whether the batch is evaluated before it is trained, as it is without dropout; by default it is not. */
  readonly isLogged?: boolean;
}

export interface StepResult {
  /** False: the coordinator has stopped the ranks before this step, which does not count. */
  readonly applied: boolean;
  /** Whether to go on to the next step. */
  readonly proceed: boolean;
  /** Milliseconds, by phase. */
  readonly spent: Spent<'load'>;
}

type Spent<Without extends RankPhase> = Readonly<Record<Exclude<RankPhase, Without>, number>>;

interface Updated {
  readonly applied: boolean;
  readonly proceed: boolean;
  readonly spent: Spent<'load' | 'compute'>;
}

/** What a step spends with an average that is not applied. */
const nothingDone = { apply: 0, gather: 0 } as const;

/** What is given to be averaged where the gradient lies elsewhere: in a lone rank's engine, or among factors. */
const nothing = new Float32Array(0);

/**
 * batch -> gradient -> all-reduce -> optimizer: the whole of synchronous data-parallel training. In a world
 * of one the average is the gradient itself: the engine does all of it in one go, and the step is reported afterwards.
 *
 * @returns whether the step counts, whether to go on to the next step, and how long each phase took
 * @throws Halted when the step was given up; the weights are then those of the step before, but for a lone
 *   rank, which has nobody that could give up its step, and for ranks that were exchanging new weights
 */
export async function trainStep(trainer: Trainer, assignment: StepAssignment): Promise<StepResult> {
  const { model, collective, accumulate = 1, guarded = false } = trainer;
  const { batch, globalSamples, step, learningRate, reports } = assignment;
  const samples = batch.size;
  const logged = assignment.isLogged ? { logged: await model.evaluate(batch) } : {};
  const begun = performance.now();
  if (collective.name === 'single' && accumulate === 1 && !guarded) {
    const metrics = await model.step(batch, assignment, learningRate);
    const part = { step, samples, globalSamples, metrics, ...logged, reports, gradient: nothing };
    const compute = performance.now() - begun;
    const { proceed, spent } = await collective.allReduce(part);
    return { applied: true, proceed, spent: { compute, ...spent, ...nothingDone } };
  }
  const { gradient, metrics } = await gradientsOf(trainer, assignment);
  const finite = !guarded || isFinitePart(gradient, metrics);
  // One element that is no number would make one of the average none: all of them show it at once, on every rank.
  if (!finite) gradient.fill(Number.NaN);
  const doubt = finite ? {} : ({ finite } as const);
  const part = { step, samples, globalSamples, gradient, metrics, reports, ...doubt, ...logged };
  const compute = performance.now() - begun;
  const { spent, ...done } = collective.isSharded
    ? await updateOwnPart(model, collective, part, learningRate)
    : await updateAll(trainer, collective, part, learningRate);
  return { ...done, spent: { compute, ...spent } };
}

/** The gradient where it is to be averaged. */
async function gradientsOf(
  { model, collective, accumulate = 1 }: Trainer,
  assignment: StepAssignment,
): Promise<GradientResult> {
  const { batch, globalSamples } = assignment;
  const places = collective.factorPlaces(globalSamples);
  if (places === null) {
    const buffer = collective.gradientBuffer() ?? undefined;
    return model.gradients(batch, assignment, buffer, accumulate);
  }
  if (model.factors === null) {
    throw new LockstepError('INTERNAL', 'factors are exchanged that the engine does not have');
  }
  const metrics = await model.factors.gradients(batch, assignment, places);
  return { gradient: nothing, metrics };
}

/** Every rank does the same update, of all weights; or none does, where the average is spoiled. */
async function updateAll(
  { model, guarded = false }: Trainer,
  collective: Collective,
  part: Part,
  learningRate: number,
): Promise<Updated> {
  const { gradient, proceed, spent } = await collective.allReduce(part);
  if (gradient === null) return { applied: false, proceed, spent: { ...spent, ...nothingDone } };
  if (guarded && Number.isNaN(gradient[0])) {
    return { applied: true, proceed, spent: { ...spent, ...nothingDone } };
  }
  const averaged = performance.now();
  await model.apply(gradient, learningRate);
  const apply = performance.now() - averaged;
  return { applied: true, proceed, spent: { ...spent, apply, gather: 0 } };
}

/** Each rank updates its part of the weights, by its part of the average, and gets the others' from them. */
async function updateOwnPart(
  model: LoadedModel,
  collective: ShardedCollective,
  part: Part,
  learningRate: number,
): Promise<Updated> {
  const { gradient, proceed, spent } = await collective.reduceScatter(part);
  if (gradient === null) return { applied: false, proceed, spent: { ...spent, ...nothingDone } };
  const averaged = performance.now();
  await model.applyShard(gradient, learningRate, collective.weightsBuffer());
  const applied = performance.now();
  const weights = await collective.allGather();
  const gathered = performance.now();
  await model.writeTrainable(weights);
  const apply = applied - averaged + (performance.now() - gathered);
  return { applied: true, proceed, spent: { ...spent, apply, gather: gathered - applied } };
}

import type { EvaluationSplit } from '@lockstep/core/data';
import { meansOf } from '@lockstep/core/metrics';
import { interrupted } from './outcomes.js';
import type { Outcome, Plan, Settings, State } from './state.js';

/** The split that validation looks at. */
export const validationSplitOf = ({ validation }: Settings): EvaluationSplit =>
  validation === 'split' ? 'validation' : 'test';

/** Loss and metrics of the epoch, and those of validation where this epoch's weights were validated. */
export function epochLogs({ settings, evaluations, cursor, epochSums }: State) {
  const seen =
    settings.validation === 'none' ? undefined : evaluations[validationSplitOf(settings)];
  const validation = seen?.step === cursor.step ? meansOf(seen.sums, 'val_') : {};
  return { ...meansOf(epochSums), ...validation };
}

/** All samples of the epoch are consumed: validate, and ask the callbacks what comes next. */
export const epochEndAgenda = (state: State): Plan[] => [
  { plan: 'check-hashes' },
  ...closingAgenda(state),
];

/** What an epoch ends with: validation, and the callbacks' view of it. */
export const closingAgenda = ({ settings }: State): Plan[] => [
  ...(settings.validation === 'none'
    ? []
    : ([{ plan: 'evaluate', purpose: 'validation' }] as const)),
  { plan: 'callbacks', hook: 'epoch-end' },
];

/** All steps that were asked for are trained, whatever is left of the epoch. */
export const stepsAreDone = ({ settings: { steps }, cursor }: State): boolean =>
  steps !== null && cursor.step >= steps;

/**
 * The last step was in the middle of an epoch: what is saved stands there, so that a run which is given more steps
 * goes on as if it had never stopped. Then the epoch is closed with what there is of it.
 */
export const lastStepAgenda = (state: State, best: boolean): Plan[] => [
  ...savingAgenda({ finished: 'epochs' }, best),
  ...closingAgenda(state),
];

/** A checkpoint of this step, for which the ranks wait. */
export const savingAgenda = ({ finished }: Pick<State, 'finished'>, best = false): Plan[] => [
  { plan: 'check-hashes' },
  { plan: 'fetch' },
  { plan: 'save', best, finished },
];

/** Whether the state of this step is in a checkpoint, or all of it on its way into one. */
export const isSaved = ({ savedStep, saving, cursor: { step } }: State): boolean =>
  savedStep === step || (saving?.step === step && saving.taking === null);

/** The user asked to stop: save, unless this step is saved, and end. */
export function interruptedAgenda(state: State): Plan[] {
  const outcome = interrupted(state.signal, `after step ${state.cursor.step}`);
  const save: Plan[] = isSaved(state)
    ? []
    : [{ plan: 'fetch' }, { plan: 'save', best: false, finished: null }];
  return [{ plan: 'check-hashes' }, ...save, { plan: 'finish', outcome }];
}

/** Nothing left to train: the callbacks have the last word, then the test, and the end. */
export const finalAgenda = (outcome: Outcome): Plan[] => [
  { plan: 'callbacks', hook: 'train-end' },
  { plan: 'evaluate', purpose: 'test' },
  { plan: 'check-hashes' },
  { plan: 'finish', outcome },
];

/** Puts the remembered weights back into every rank, and into the checkpoint of this step. */
export const restoreAgenda = ({ finished }: State): Plan[] => [
  { plan: 'broadcast', source: 'remembered' },
  { plan: 'fetch' },
  { plan: 'save', best: false, finished },
];

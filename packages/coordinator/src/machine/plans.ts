import { meansOf } from '@lockstep/core/metrics';
import { interrupted } from './outcomes.js';
import type { Outcome, Plan, State } from './state.js';

/** Loss and accuracy of the epoch, and those of validation where this epoch's weights were tested. */
export function epochLogs(state: State) {
  const { settings, tested, cursor } = state;
  const validated = settings.validation === 'test' && tested?.step === cursor.step;
  return { ...meansOf(state.epochSums), ...(validated ? meansOf(tested.sums, 'val_') : {}) };
}

/** All samples of the epoch are consumed: validate, and ask the callbacks what comes next. */
export function epochEndAgenda({ settings }: State): Plan[] {
  const validate: Plan[] =
    settings.validation === 'test' ? [{ plan: 'evaluate', purpose: 'validation' }] : [];
  return [{ plan: 'check-hashes' }, ...validate, { plan: 'callbacks', hook: 'epoch-end' }];
}

/** The user asked to stop: save, unless this step is saved, and end. */
export function interruptedAgenda(state: State): Plan[] {
  const outcome = interrupted(state.signal, `after step ${state.cursor.step}`);
  const save: Plan[] =
    state.savedStep === state.cursor.step
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

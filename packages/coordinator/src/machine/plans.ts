import { meansOf } from '@lockstep/core/metrics';
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
  const outcome: Outcome = {
    stoppedBy: 'signal',
    message: `Stopped by ${state.signal} after step ${state.cursor.step}.`,
    code: null,
    hint: null,
    signal: state.signal,
  };
  const save: Plan[] =
    state.savedStep === state.cursor.step
      ? []
      : [{ plan: 'fetch' }, { plan: 'save', best: false, finished: null }];
  return [{ plan: 'check-hashes' }, ...save, { plan: 'finish', outcome }];
}

/** Nothing left to train: put the best weights back if asked, test, and end. */
export function finalAgenda(state: State, outcome: Outcome): Plan[] {
  const finished = outcome.stoppedBy === 'early-stop' ? 'early-stop' : 'epochs';
  const restore: Plan[] =
    state.restoreWeights && state.remembered !== null
      ? [
          { plan: 'broadcast', source: 'remembered' },
          { plan: 'fetch' },
          { plan: 'save', best: false, finished },
        ]
      : [];
  return [
    ...restore,
    { plan: 'evaluate', purpose: 'test' },
    { plan: 'callbacks', hook: 'train-end' },
    { plan: 'check-hashes' },
    { plan: 'finish', outcome },
  ];
}

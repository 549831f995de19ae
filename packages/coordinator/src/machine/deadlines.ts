import { stepTimeoutOf } from './pace.js';
import { endWith, giveUpOn, lossOf } from './phases/ending.js';
import { dropUnready, onJoinDeadline } from './phases/joining.js';
import { onLateStep } from './phases/lateStep.js';
import { awaitedIn, linkTimeoutOf } from './phases/linking.js';
import { onRejoinDeadline } from './phases/regrouping.js';
import { startDue } from './restarts.js';
import type { Member, State } from './state.js';
import { andThen, become, type Transition } from './transition.js';

/** Time has passed. */
export const onTick = (state: State): Transition =>
  [giveUpSaving, loseUntaken, dropUnready, loseLate].reduce(andThen, startDue(state));

/** The disk does not answer: what is on it is what there is to go on from. */
function giveUpSaving(state: State): Transition {
  const { saving, now, settings } = state;
  if (saving === null || saving.taking !== null || now < saving.deadline) return become(state);
  return endWith(
    { ...state, saving: null },
    {
      code: 'RUN_DIRECTORY',
      message: `The disk did not take the checkpoint of step ${saving.step} within ${settings.boundaryTimeoutMs / 1000} s`,
    },
  );
}

/** Whoever has not said in time what it held for a checkpoint. */
function loseUntaken(state: State): Transition {
  const { saving, now, members, settings } = state;
  if (saving === null || saving.taking === null || now < saving.deadline) return become(state);
  const { hashes } = saving.taking;
  const gone = members.filter(({ rank }) => hashes[rank] === null);
  const seconds = settings.stepTimeoutMs / 1000;
  const why = `no weights of step ${saving.step} within ${seconds} s`;
  return giveUpOn(state, gone, lossOf(gone, why));
}

/** Whoever is waited for beyond the deadline is lost, by name. */
function loseLate(state: State): Transition {
  const { phase, now, members, settings } = state;
  const loseFor = (gone: readonly Member[], awaited: string, timeoutMs: number): Transition =>
    gone.length === 0
      ? become(state)
      : giveUpOn(state, gone, lossOf(gone, `no ${awaited} within ${timeoutMs / 1000} s`));
  const lose = (gone: readonly Member[], awaited: string): Transition =>
    loseFor(gone, awaited, settings.stepTimeoutMs);
  switch (phase.name) {
    case 'joining':
      return now < phase.deadline ? become(state) : onJoinDeadline(state);
    case 'linking':
      return now < phase.deadline
        ? become(state)
        : loseFor(
            awaitedIn(phase, members),
            `answer about '${phase.collective}'`,
            linkTimeoutOf(settings),
          );
    case 'fetching':
      return now < phase.deadline
        ? become(state)
        : lose(
            members.filter(({ peer }) => phase.parts[phase.asked.indexOf(peer)] === null),
            'weights',
          );
    case 'comparing':
      return now < phase.deadline
        ? become(state)
        : lose(
            members.filter((_member, i) => phase.hashes[i] === null),
            'hash of its weights',
          );
    case 'training':
      return now < phase.deadline
        ? become(state)
        : onLateStep(state, (late) =>
            loseFor(late, `gradient of step ${state.cursor.step}`, stepTimeoutOf(state)),
          );
    case 'evaluating':
      return lose(
        members.filter((member) => {
          const part = phase.parts[member.rank];
          return part !== undefined && part.piece !== null && now >= part.deadline;
        }),
        'evaluation',
      );
    case 'consulting':
      return now < phase.deadline
        ? become(state)
        : endWith(state, {
            code: 'USER_CODE',
            message: `The callbacks did not return from ${phase.hook} within ${settings.boundaryTimeoutMs / 1000} s`,
            hint: 'A promise of a callback never settled.',
          });
    case 'reloading':
      return now < phase.deadline
        ? become(state)
        : endWith(state, {
            code: 'RUN_DIRECTORY',
            message: `The disk did not give a checkpoint back within ${settings.boundaryTimeoutMs / 1000} s`,
          });
    case 'rejoining':
      return now < phase.deadline ? become(state) : onRejoinDeadline(state);
    case 'idle':
    case 'saving':
    case 'ended':
      return become(state);
  }
}

import type { Member, State } from '../state.js';
import { become, nameOf, type Transition } from '../transition.js';

/**
 * Where a coordinator has died and another one goes on from the newest checkpoint, workers that have outlived it may
 * hold more than that: then the run goes on from the one that holds most, and the checkpoint is only for the case that
 * this one is lost, too. What else the coordinator knew (history, callbacks) is the checkpoint's, so it must be of the
 * same epoch, at the same learning rate.
 */
export function adopt(state: State): Transition {
  const { held, cursor } = state;
  const best = bestOf(state);
  if (held === null || best === null) return become(state);
  const holds = best.ready!.holds!;
  const more = holds.cursor.step - cursor.step;
  const message = `Going on from step ${holds.cursor.step}, which ${nameOf(best)} still holds: ${more} more than the checkpoint`;
  return become(
    {
      ...state,
      held: null,
      heldBy: best.peer,
      cursor: holds.cursor,
      skipped: holds.cursor.step - holds.updates,
      epochSums: holds.epochSums,
    },
    { do: 'forget', id: held },
    { do: 'tell', news: { news: 'message', message } },
  );
}

/** The member that holds most of what can be gone on with; null: none holds more than the checkpoint. */
function bestOf({ members, cursor, learningRate, finished, settings }: State): Member | null {
  if (finished !== null || settings.shardOptimizer) return null;
  let best: Member | null = null;
  let most = cursor.step;
  for (const member of members) {
    const holds = member.ready?.holds ?? null;
    if (holds === null || holds.cursor.step <= most) continue;
    const fits =
      holds.cursor.epoch === cursor.epoch &&
      holds.cursor.position <= settings.dataset.trainSize &&
      holds.learningRate === learningRate;
    if (!fits) continue;
    best = member;
    most = holds.cursor.step;
  }
  return best;
}

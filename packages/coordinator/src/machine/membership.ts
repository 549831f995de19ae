import type { Command } from './commands.js';
import { tornBy } from './contributions.js';
import { isSharded } from './sharding.js';
import type { Plan, State } from './state.js';
import { become, idle, nameOf, scopeOf, sendToAll, type Transition } from './transition.js';

/** May go on with other ranks than it began with. */
export const isElastic = ({ settings }: Pick<State, 'settings'>): boolean =>
  settings.minWorkers < settings.workers || settings.maxRestarts > 0;

/** Ranks add up without the coordinator, and are ahead of what it knows. */
export const isAmongThemselves = ({ collective }: Pick<State, 'collective'>): boolean =>
  collective !== 'single' && collective !== 'star';

/** Whoever was welcomed and is not lost, with a rank or without. */
export const everybody = ({ members, newcomers }: Pick<State, 'members' | 'newcomers'>) => [
  ...members,
  ...newcomers,
];

/** Those that will have a rank in the next membership. */
export const remaining = ({ members, newcomers }: State) => [
  ...members.filter(({ leaving }) => !leaving),
  ...newcomers.filter(({ ready }) => ready !== null),
];

/** Why the next step boundary is for a change: somebody has come, or asked to leave. Null: nobody has. */
export function whyChange({ members, newcomers }: State): string | null {
  const went = members.filter(({ leaving }) => leaving).map(nameOf);
  const came = newcomers.filter(({ ready }) => ready !== null).map(nameOf);
  const said = [
    ...(went.length > 0 ? [`${went.join(', ')} left`] : []),
    ...(came.length > 0 ? [`${came.join(', ')} joined`] : []),
  ];
  return said.length === 0 ? null : said.join('; ');
}

/** Whether the ranks that are left have the whole state of the step between them. */
export const haveAll = (state: State): boolean => {
  const { members, worldSize, heldBy } = state;
  if (heldBy !== null) return members.some(({ peer }) => peer === heldBy);
  return members.length > 0 && (!isSharded(state) || members.length === worldSize);
};

/** Whether the run can go on without those that are lost: somebody has its state, or a checkpoint. */
export const canGoOn = (state: State): boolean =>
  isElastic(state) &&
  state.signal === null &&
  state.phase.name !== 'joining' &&
  (state.held !== null || haveAll(state) || state.savedStep !== null || state.saving !== null);

/** Gives up a checkpoint of which the ranks have not said everything: what is missing may never come. */
export function dropTaking(state: State): Transition {
  const taking = state.saving?.taking ?? null;
  if (taking === null) return become(state);
  const dropped: State = { ...state, saving: null, overdue: true };
  const forgotten = taking.held === null ? [] : [{ do: 'forget', id: taking.held } as const];
  // What waited for it stands on the agenda.
  const isAwaited = state.phase.name === 'saving';
  return become(isAwaited ? idle({ ...dropped, doing: null }) : dropped, ...forgotten);
}

/** What the coordinator is busy with by itself. */
const ownPhases = ['consulting', 'saving', 'rejoining', 'reloading'] as const;

/**
 * Those that are left leave what they are in, and it is begun again once the membership has changed. What the
 * coordinator itself is busy with goes on.
 *
 * @param why for people: who was lost, and how
 */
export function goOnWithout(state: State, why: string): Transition {
  const { phase, doing, agenda } = state;
  const change = state.change === null ? why : `${state.change}; ${why}`;
  const own = ownPhases.some((name) => name === phase.name);
  const redo: Plan[] = doing === null ? [] : [doing];
  const torn = tornBy(state);
  const next: State = own
    ? { ...state, change }
    : idle({ ...state, change, torn, doing: null, agenda: [...redo, ...agenda] });
  return become(next, ...letGoOf(phase), ...sendToAll(state, { kind: 'halt', ...scopeOf(state) }), {
    do: 'tell',
    news: { news: 'warning', message: why },
  });
}

/** What the ranks have sent for a step, a trial or a fetch that is given up. */
export function letGoOf(phase: State['phase']): Command[] {
  const ids =
    phase.name === 'training'
      ? phase.contributions.flat().map((part) => part.gradient)
      : phase.name === 'linking'
        ? phase.probes
        : phase.name === 'fetching'
          ? phase.parts
          : [];
  return ids.flatMap((id) => (id ? [{ do: 'forget', id } as const] : []));
}

import { type AllReduceName, choose } from '@lockstep/core';
import type { Header } from '@lockstep/core/protocol';
import { candidatesOf, hostsOf, loopbackAmong } from '../candidates.js';
import type { Command } from '../commands.js';
import type { TensorNote } from '../events.js';
import { isElastic } from '../membership.js';
import type {
  CollectiveName,
  LinkAnswer,
  LinkingPhase,
  Member,
  Settings,
  State,
  Tried,
} from '../state.js';
import {
  andThen,
  become,
  idle,
  nameOf,
  scopeOf,
  sendToAll,
  type Transition,
} from '../transition.js';
import { endWith, violated } from './ending.js';

/*
 * How the ranks come to agree on how they average. One algorithm after another is tried by all of them at
 * once: each `link` is answered by every rank before the next one is sent, so that a rank for which something
 * fails at once never runs ahead of one that waits for its deadline. The last `link` is the one they train with.
 */

/**
 * The cluster has just been given its ranks.
 *
 * @param again nothing has worked
 */
export function beginLinking(state: State, again = false): Transition {
  const { members, settings, collective: earlier } = state;
  if (members.length === 1) {
    const linked = train(state, 'single', [], 'there is one rank');
    return become(linked.state, ...notesForOne(settings), ...linked.commands);
  }
  const { names, unfit } = candidatesOf(settings, members);
  const [only, ...others] = names;
  if (unfit !== null || only === undefined) {
    return endWith(state, unfit ?? { code: 'INTERNAL', message: 'no way to average was found' });
  }
  // With the algorithm of before, a resumed run goes on with the same bits.
  const same = names.find((name) => name === earlier);
  if (same !== undefined && settings.allReduce === 'auto') {
    const rest = names.filter((name) => name !== same);
    const why = 'as before in this run';
    return attempt(state, { collective: same, measure: false, rest, why, again });
  }
  if (only === 'star') {
    const asked = settings.allReduce === 'star';
    return train(state, 'star', [], asked ? askedFor : 'the ranks cannot reach each other');
  }
  return attempt(state, { collective: only, measure: true, rest: others, again });
}

/** A rank may try for some seconds before it says that something does not work, however short its steps are. */
export const linkTimeoutOf = ({ stepTimeoutMs }: Settings): number =>
  Math.max(60_000, stepTimeoutMs);

/** What is for ranks that have others. */
function notesForOne({ compression, shardOptimizer }: Settings): Command[] {
  const idle = [
    ...(compression === 'none' ? [] : [`--compression ${compression}`]),
    ...(shardOptimizer ? ['--shard-optimizer'] : []),
  ];
  return idle.map((flag) => ({
    do: 'tell',
    news: { news: 'warning', message: `${flag} has no effect with one worker.` },
  }));
}

const askedFor = 'as --all-reduce asks';

const train = (
  state: State,
  collective: CollectiveName,
  tried: readonly Tried[],
  why: string,
  again = false,
): Transition => attempt(state, { collective, measure: false, tried, why, again });

/** Tells all ranks to try this one. */
function attempt(
  state: State,
  {
    collective,
    measure,
    rest = [],
    tried = [],
    why = '',
    again = false,
  }: Pick<LinkingPhase, 'collective' | 'measure'> & Partial<LinkingPhase>,
): Transition {
  const request = state.request + 1;
  const nobody = state.members.map(() => null);
  const phase: LinkingPhase = {
    name: 'linking',
    request,
    collective,
    measure,
    rest,
    tried,
    why,
    again,
    answers: nobody,
    probes: nobody,
    deadline: state.now + linkTimeoutOf(state.settings),
  };
  return become(
    { ...state, request, phase },
    ...sendToAll(state, { kind: 'link', ...scopeOf(state), request, collective, measure }),
  );
}

/** One rank's word on the algorithm under way. */
export function onLinked(state: State, member: Member, header: Header<'linked'>): Transition {
  const { phase } = state;
  if (phase.name !== 'linking' || phase.request !== header.request) return become(state);
  if (phase.answers[member.rank] !== null) return violated(state, member, 'answered twice');
  const { milliseconds, failure } = header;
  if (failure === null && (milliseconds !== null) !== phase.measure) {
    return violated(state, member, `did not do what it was told with '${phase.collective}'`);
  }
  const answers = phase.answers.map((other, rank) =>
    rank === member.rank ? { milliseconds, failure } : other,
  );
  const next: LinkingPhase = { ...phase, answers };
  const told: State = { ...state, phase: next };
  if (answers.some((answer) => answer === null)) return become(told);
  // Of a round that not all ranks took part in.
  const left = phase.probes.flatMap((id) => (id === null ? [] : [{ do: 'forget', id } as const]));
  return andThen(become(told, ...left), (all) => conclude(all, next, triedBy(all.members, next)));
}

/** All ranks have answered. */
function conclude(state: State, phase: LinkingPhase, result: Tried | null): Transition {
  const { measure, collective, rest, tried, why, again } = phase;
  if (!measure && (result === null || result.failure === null)) {
    return agree(state, collective, tried, why);
  }
  const all = [...tried.filter(({ name }) => name !== collective), ...(result ? [result] : [])];
  const [next, ...others] = rest;
  if (next === undefined) return decide(state, all, again);
  return attempt(state, { collective: next, measure: true, rest: others, tried: all, again });
}

/** Everything was tried: the ranks train with what is best of it. */
function decide(state: State, tried: readonly Tried[], again: boolean): Transition {
  const { allReduce, deterministic } = state.settings;
  // Without a look at the times the preferred one of those that work is taken.
  const choice = choose(deterministic ? tried.map(untimed) : tried);
  if (choice !== null) {
    const { name, insteadOf } = choice;
    const why =
      allReduce !== 'auto'
        ? askedFor
        : insteadOf !== null
          ? `clearly faster here than ${insteadOf}`
          : reasonFor(name, state, tried);
    return train(state, name, tried, why, again);
  }
  const failures = tried.flatMap(({ name, failure }) => (failure ? [{ name, ...failure }] : []));
  const message = `The ranks cannot average: ${failures.map(({ name, message }) => `${name}: ${message}`).join('; ')}`;
  // One that stood still, for less than it takes to be lost, has made it fail on all of them.
  if (isElastic(state) && !again && failures.some(({ code }) => code === 'WORKER_LOST')) {
    const warning = { news: 'warning', message: `${message}; they try once more.` } as const;
    return andThen(become(state, { do: 'tell', news: warning }), (all) => beginLinking(all, true));
  }
  return endWith(state, {
    code: failures[0]?.code ?? 'INTERNAL',
    message,
    hint:
      loopbackAmong(state.members) ??
      (allReduce === 'auto' ? null : 'Use --all-reduce auto, which takes what works.'),
  });
}

const untimed = (tried: Tried): Tried => ({
  ...tried,
  milliseconds: tried.milliseconds === null ? null : 0,
});

/** Why the preferred one of those that work is what it is. */
function reasonFor(name: AllReduceName, { members }: State, tried: readonly Tried[]): string {
  const failed = tried.filter(({ failure }) => failure !== null);
  if (failed.length > 0) return `${failed.map((each) => each.name).join(' and ')} failed`;
  const hosts = hostsOf(members).length;
  if (name === 'shared-memory') return 'all ranks are on one host';
  return hosts === members.length
    ? 'each rank is on a host of its own'
    : `${members.length} ranks are on ${hosts} hosts`;
}

function agree(
  state: State,
  collective: CollectiveName,
  tried: readonly Tried[],
  why: string,
): Transition {
  const bytes = 4 * (state.members[0]?.ready?.gradientLength ?? 0);
  const unreached = tried.some(({ name, failure }) => name !== 'shared-memory' && failure !== null);
  const loopback = unreached ? loopbackAmong(state.members) : null;
  const warning: Command[] =
    loopback === null ? [] : [{ do: 'tell', news: { news: 'warning', message: loopback } }];
  const linked: Command = {
    do: 'tell',
    news: { news: 'linked', collective, bytes, tried, why },
  };
  return become(idle({ ...state, collective }), linked, ...warning);
}

/** A world's result is that of its slowest rank, and it fails where one rank fails. */
function triedBy(members: readonly Member[], { collective, answers }: LinkingPhase): Tried | null {
  if (collective === 'single') return null;
  const failed = answers.findIndex((answer) => answer !== null && answer.failure !== null);
  const failure = answers[failed]?.failure ?? null;
  if (failure !== null) {
    const message = `${nameOf(members[failed]!)}: ${failure.message}`;
    return { name: collective, milliseconds: null, failure: { code: failure.code, message } };
  }
  const times = (answers as readonly LinkAnswer[]).flatMap(
    ({ milliseconds }) => milliseconds ?? [],
  );
  const slowest = times.length > 0 ? Math.max(...times) : null;
  return { name: collective, milliseconds: slowest, failure: null };
}

/**
 * One rank's part of a round in which `star` is measured. The coordinator does for it what it does in a step:
 * it waits for all ranks, averages in rank order, and gives the average to each.
 */
export function onProbe(
  state: State,
  member: Member,
  { request, round }: Header<'probe'>,
  tensors: TensorNote | null,
): Transition {
  const { phase, members } = state;
  if (tensors === null) return violated(state, member, 'probed without a gradient');
  const forget = { do: 'forget', id: tensors.id } as const;
  if (phase.name !== 'linking' || phase.request !== request) return become(state, forget);
  const length = tensors.lengths.gradient;
  const defect =
    phase.probes[member.rank] !== null
      ? 'probed twice in a round'
      : length !== member.ready?.gradientLength
        ? `probed with ${length} elements instead of ${member.ready?.gradientLength}`
        : null;
  if (defect !== null) {
    return andThen(become(state, forget), (next) => violated(next, member, defect));
  }
  const probes = phase.probes.map((id, rank) => (rank === member.rank ? tensors.id : id));
  if (probes.some((id) => id === null)) return become({ ...state, phase: { ...phase, probes } });
  return become(
    { ...state, phase: { ...phase, probes: members.map(() => null) } },
    {
      do: 'average',
      parts: probes.map((gradient) => ({ gradient, samples: 1 })),
      peers: members.map(({ peer }) => peer),
      header: { kind: 'probed', ...scopeOf(state), request, round },
    },
  );
}

/** Whom the others wait for: within a round of probes, those whose probe is missing. */
export function awaitedIn({ answers, probes }: LinkingPhase, members: readonly Member[]): Member[] {
  const within = probes.some((id) => id !== null);
  return members.filter(({ rank }) => answers[rank] === null && (!within || probes[rank] === null));
}

import { canonicalJson, type ErrorCode } from '@lockstep/core';
import { type ParameterShape, sizeOf } from '@lockstep/core/model';
import type { Header } from '@lockstep/core/protocol';
import { protocolVersion } from '@lockstep/core/protocol';
import type { Command } from '../commands.js';
import { everybody, isElastic, remaining } from '../membership.js';
import { killLost } from '../restarts.js';
import type { Member, Plan, State } from '../state.js';
import { andThen, become, idle, nameOf, scopeOf, sendTo, type Transition } from '../transition.js';
import { adopt } from './adopting.js';
import { endWith } from './ending.js';
import { assignRanks } from './ranks.js';

/** Hello: is this worker of our run, our version, our model, data and engine? */
export function onHello(state: State, peer: string, hello: Header<'hello'>): Transition {
  const reason = whyNot(state, peer, hello);
  if (reason !== null) return become(state, ...refusal(peer, reason));
  const { settings } = state;
  const member: Member = {
    peer,
    host: hello.host,
    pid: hello.pid,
    engine: hello.engine,
    device: hello.device,
    slot: hello.slot ?? null,
    ready: null,
    rank: -1,
    lastStep: 0,
    leaving: false,
    welcomedAt: state.now,
    strays: 0,
  };
  const { members, newcomers } = state;
  return become(
    state.phase.name === 'joining'
      ? { ...state, members: [...members, member] }
      : { ...state, newcomers: [...newcomers, member] },
    sendTo(member, {
      kind: 'welcome',
      ...scopeOf(state),
      seed: settings.seed,
      batchSize: settings.batchSize,
      optimizer: settings.optimizer,
      precision: settings.precision,
      model: settings.model,
      dataset: settings.dataset,
      peers: settings.workers > 1 && settings.allReduce !== 'star',
      compression: settings.compression,
      accumulate: settings.accumulate,
      logEvery: settings.logEvery,
      onNaN: settings.onNaN,
      shardOptimizer: settings.shardOptimizer,
      hasCheckpoint: state.savedStep !== null,
      stepTimeoutMs: settings.stepTimeoutMs,
      pingIntervalMs: settings.pingIntervalMs,
    }),
  );
}

/** Ready: the model is built; the cluster begins when all are, or changes at the next step boundary. */
export function onReady(state: State, member: Member, ready: Header<'ready'>): Transition {
  const { settings } = state;
  const first = everybody(state).find((other) => other.ready !== null)?.ready ?? null;
  const differs =
    ready.modelHash !== settings.modelHash ||
    (first !== null && canonicalJson(first.parameters) !== canonicalJson(ready.parameters));
  if (differs) {
    const reason = {
      code: 'MODEL_MISMATCH',
      message: `${nameOf(member)} built another model than '${settings.model.name}' of this run`,
      hint: 'Install the same version of Lockstep on every machine.',
    } as const;
    return become(without(state, member), ...refusal(member.peer, reason));
  }
  const { parameters, samples, peer, holds } = ready;
  const parameterCount = lengthOf(parameters);
  const gradientLength = lengthOf(parameters.filter(({ trainable }) => trainable));
  const built = {
    ...member,
    ready: { parameters, parameterCount, gradientLength, samples, peer, holds },
  };
  const put = (other: Member): Member => (other === member ? built : other);
  const next = {
    ...state,
    members: state.members.map(put),
    newcomers: state.newcomers.map(put),
  };
  const joined = remaining(next).filter((other) => other.ready !== null).length;
  const told = become(next, { do: 'tell', news: { news: 'joined', member: built, joined } });
  switch (state.phase.name) {
    case 'joining':
      return joined < wanted(state) ? told : andThen(told, begin);
    case 'rejoining':
      return joined < settings.minWorkers ? told : andThen(told, (all) => become(idle(all)));
    default:
      return told;
  }
}

/** One who has no rank is gone: others may come. */
export const without = (state: State, member: Member): State => ({
  ...state,
  members: state.members.filter((other) => other !== member),
  newcomers: state.newcomers.filter((other) => other !== member),
});

/**
 * How long a worker of our own may take to start: it is on its way, and has a tensor library to load. How
 * long the user wants to wait for others says nothing of it.
 */
const ownWorkerTimeoutMs = 60_000;

/** Whoever was welcomed after training had begun, and does not become ready, keeps a place that others may want. */
export function dropUnready(state: State): Transition {
  const limitMs = Math.max(ownWorkerTimeoutMs, state.settings.joinTimeoutMs);
  const late = state.newcomers.filter(
    ({ ready, welcomedAt }) => ready === null && state.now - welcomedAt >= limitMs,
  );
  return late.reduce<Transition>(
    (dropped, member) =>
      andThen(dropped, (next) => {
        const message = `${nameOf(member)} was not ready within ${limitMs / 1000} s`;
        return become(
          without(next, member),
          ...refusal(member.peer, { code: 'WORKER_LOST', message }),
          ...killLost(next, [member]),
        );
      }),
    become(state),
  );
}

/** Nobody, or not all, came in time. */
export function onJoinDeadline(state: State): Transition {
  const { settings } = state;
  const ready = state.members.filter((member) => member.ready !== null);
  const seconds = settings.joinTimeoutMs / 1000;
  if (state.phase.name === 'joining' && state.phase.alone) {
    return endWith(state, {
      code: 'NO_WORKERS',
      message: `the worker of my own did not start within ${ownWorkerTimeoutMs / 1000} s`,
      hint: "See its log in the run directory, and run 'lockstep doctor'.",
    });
  }
  if (settings.fallback === 'fail' && !(isElastic(state) && ready.length >= settings.minWorkers)) {
    return endWith(state, {
      code: 'NO_WORKERS',
      message: `${ready.length} of ${isElastic(state) ? `at least ${settings.minWorkers}` : wanted(state)} workers joined within ${seconds} s`,
      hint: 'Start them with: lockstep worker --connect ADDRESS; or allow more time with --join-timeout.',
    });
  }
  const warning = (message: string): Command => ({
    do: 'tell',
    news: { news: 'warning', message },
  });
  const late = state.members.filter((member) => member.ready === null);
  const mayComeLater = isElastic(state) && ready.length > 0;
  const commands = mayComeLater
    ? []
    : late.flatMap((member) =>
        refusal(member.peer, {
          code: 'CLUSTER_FULL',
          message: 'the cluster began without this worker: it was not ready in time',
        }),
      );
  if (ready.length > 0) {
    return andThen(
      become(
        { ...state, members: ready, newcomers: mayComeLater ? late : [] },
        warning(
          `Only ${ready.length} of ${settings.workers} workers joined within ${seconds} s; training with them.`,
        ),
        ...commands,
      ),
      begin,
    );
  }
  return become(
    {
      ...state,
      members: [],
      phase: { name: 'joining', deadline: state.now + ownWorkerTimeoutMs, alone: true },
    },
    ...commands,
    warning(`No worker joined within ${seconds} s; training alone, with one worker of my own.`),
    { do: 'start-worker', slot: 0 },
  );
}

/** Elements of flat arrays. */
const lengthOf = (parameters: readonly ParameterShape[]): number =>
  parameters.reduce((sum, parameter) => sum + sizeOf(parameter), 0);

/** How many must be ready before training begins. */
const wanted = (state: State): number =>
  state.phase.name === 'joining' && state.phase.alone ? 1 : state.settings.workers;

/** The cluster is complete: ranks are given, and every rank gets the same weights. */
function begin(joined: State): Transition {
  const { state, commands } = adopt(joined);
  const assigned = assignRanks(state, state.members);
  const fresh: Plan[] = [
    { plan: 'fetch' },
    { plan: 'broadcast', source: 'held' },
    { plan: 'save', best: false, finished: null },
  ];
  const resumed: Plan[] = [{ plan: 'fetch' }, { plan: 'broadcast', source: 'held' }];
  const isFresh = state.held === null && state.heldBy === null;
  const agenda: Plan[] = [
    { plan: 'link' },
    ...(isFresh ? fresh : resumed),
    { plan: 'callbacks', hook: 'train-begin' },
  ];
  const begun = idle({ ...assigned.state, agenda });
  return become(begun, ...commands, ...assigned.commands, {
    do: 'tell',
    news: { news: 'started', members: begun.members, cursor: state.cursor },
  });
}

interface Refusal {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string;
  readonly mayPass?: true;
}

function refusal(peer: string, refused: Refusal): Command[] {
  const { code, message } = refused;
  return [
    { do: 'send', peer, header: { kind: 'refuse', ...refused } },
    { do: 'tell', news: { news: 'refused', peer, code, message } },
  ];
}

function whyNot(state: State, peer: string, hello: Header<'hello'>): Refusal | null {
  const { settings, members, phase } = state;
  const who = `the worker on ${hello.host} (pid ${hello.pid})`;
  if (hello.protocol !== protocolVersion) {
    return {
      code: 'PROTOCOL_MISMATCH',
      message: `${who} speaks protocol ${hello.protocol}, the coordinator ${protocolVersion}`,
      hint: 'Install the same version of Lockstep on every machine.',
    };
  }
  const { run, modelHash, datasetHash, configHash } = hello.expects;
  if (run !== undefined && run !== settings.run) {
    return {
      code: 'RUN_MISMATCH',
      message: `${who} belongs to run ${run}, this is run ${settings.run}`,
      hint: 'Another coordinator listens at this address now: check --connect.',
    };
  }
  if (modelHash !== undefined && modelHash !== settings.modelHash) {
    return {
      code: 'MODEL_MISMATCH',
      message: `${who} expects another model than '${settings.model.name}' of this run`,
      hint: 'Leave --model out on the worker: it takes the model from the coordinator.',
    };
  }
  if (datasetHash !== undefined && datasetHash !== settings.dataset.hash) {
    return {
      code: 'DATASET_MISMATCH',
      message: `${who} has other samples than '${settings.dataset.name}' of this run`,
      hint: 'Leave --data-dir out on the worker: it then gets its samples from the coordinator.',
    };
  }
  if (configHash !== undefined && configHash !== settings.configHash) {
    return {
      code: 'CONFIG_MISMATCH',
      message: `${who} expects another configuration than this run has`,
      hint: 'Start the worker without --expect-config, or with the value that the coordinator prints.',
    };
  }
  const engine =
    settings.engine === 'auto' ? (members[0]?.engine ?? hello.engine) : settings.engine;
  if (hello.engine !== engine) {
    return {
      code: 'CONFIG_MISMATCH',
      message: `${who} computes with '${hello.engine}', this run with '${engine}'`,
      hint: `Start the worker with --engine ${engine}: mixed engines round differently.`,
    };
  }
  if (everybody(state).some((member) => member.peer === peer)) {
    return { code: 'PROTOCOL_VIOLATION', message: `${who} said hello twice` };
  }
  // Who trains alone waits for the worker that it started itself.
  const stranger = phase.name === 'joining' && phase.alone && hello.slot === undefined;
  if (!hasRoom(state) || stranger) {
    return {
      code: 'CLUSTER_FULL',
      message: 'the cluster has all of its workers',
      hint: 'Start the coordinator with a larger --workers.',
      ...(takesMore(state) ? { mayPass: true } : {}),
    };
  }
  return null;
}

function hasRoom(state: State): boolean {
  const { phase, members, newcomers, settings } = state;
  if (phase.name === 'joining') return members.length < wanted(state);
  return takesMore(state) && members.length + newcomers.length < settings.workers;
}

/**
 * Whether others may come when somebody has gone. Whoever starts a killed worker again is often faster than the
 * coordinator, which finds out at its next ping that the killed one is gone.
 */
const takesMore = (state: State): boolean =>
  state.phase.name === 'joining' || (isElastic(state) && state.failing === null);

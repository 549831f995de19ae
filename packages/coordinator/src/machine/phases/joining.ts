import { canonicalJson, type ErrorCode } from '@lockstep/core';
import { type ParameterShape, sizeOf } from '@lockstep/core/model';
import type { Header } from '@lockstep/core/protocol';
import { protocolVersion } from '@lockstep/core/protocol';
import type { Command } from '../commands.js';
import type { Member, Plan, State } from '../state.js';
import { andThen, become, idle, nameOf, scopeOf, sendTo, type Transition } from '../transition.js';
import { endWith } from './ending.js';

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
  };
  return become(
    { ...state, members: [...state.members, member] },
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
      shardOptimizer: settings.shardOptimizer,
      stepTimeoutMs: settings.stepTimeoutMs,
      pingIntervalMs: settings.pingIntervalMs,
    }),
  );
}

/** Ready: the model is built; the cluster begins when all are. */
export function onReady(state: State, member: Member, ready: Header<'ready'>): Transition {
  const { settings } = state;
  const first = state.members.find((other) => other.ready !== null)?.ready ?? null;
  const differs =
    ready.modelHash !== settings.modelHash ||
    (first !== null && canonicalJson(first.parameters) !== canonicalJson(ready.parameters));
  if (differs) {
    const others = state.members.filter((other) => other !== member);
    const reason = {
      code: 'MODEL_MISMATCH',
      message: `${nameOf(member)} built another model than '${settings.model.name}' of this run`,
      hint: 'Install the same version of Lockstep on every machine.',
    } as const;
    return become({ ...state, members: others }, ...refusal(member.peer, reason));
  }
  const { parameters, samples, peer } = ready;
  const parameterCount = lengthOf(parameters);
  const gradientLength = lengthOf(parameters.filter(({ trainable }) => trainable));
  const built = {
    ...member,
    ready: { parameters, parameterCount, gradientLength, samples, peer },
  };
  const members = state.members.map((other) => (other === member ? built : other));
  const joined = members.filter((other) => other.ready !== null).length;
  const told = become(
    { ...state, members },
    {
      do: 'tell',
      news: { news: 'joined', member: built, joined },
    },
  );
  return joined < wanted(state) ? told : andThen(told, begin);
}

/**
 * How long a worker of our own may take to start: it is on its way, and has a tensor library to load. How
 * long the user wants to wait for others says nothing of it.
 */
const ownWorkerTimeoutMs = 60_000;

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
  if (settings.fallback === 'fail') {
    return endWith(state, {
      code: 'NO_WORKERS',
      message: `${ready.length} of ${wanted(state)} workers joined within ${seconds} s`,
      hint: 'Start them with: lockstep worker --connect ADDRESS; or allow more time with --join-timeout.',
    });
  }
  const warning = (message: string): Command => ({
    do: 'tell',
    news: { news: 'warning', message },
  });
  const late = state.members.filter((member) => member.ready === null);
  const commands = late.flatMap((member) =>
    refusal(member.peer, {
      code: 'CLUSTER_FULL',
      message: 'the cluster began without this worker: it was not ready in time',
    }),
  );
  if (ready.length > 0) {
    return andThen(
      become(
        { ...state, members: ready },
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
    { do: 'start-worker' },
  );
}

/** Elements of flat arrays. */
const lengthOf = (parameters: readonly ParameterShape[]): number =>
  parameters.reduce((sum, parameter) => sum + sizeOf(parameter), 0);

/** How many must be ready before training begins. */
const wanted = (state: State): number =>
  state.phase.name === 'joining' && state.phase.alone ? 1 : state.settings.workers;

/** The cluster is complete: ranks are given, and every rank gets the same weights. */
function begin(state: State): Transition {
  const members = inRankOrder(state.members).map((member, rank) => ({
    ...member,
    rank,
    lastStep: state.cursor.step,
  }));
  const worldSize = members.length;
  const parameters = members[0]?.ready?.parameters ?? [];
  const assigned = members.map((member) =>
    sendTo(member, {
      kind: 'assign',
      ...scopeOf(state),
      rank: member.rank,
      worldSize,
      peers: members.map(({ ready }) => ready?.peer ?? null),
      channel: state.channel,
    }),
  );
  const fresh: Plan[] = [
    { plan: 'fetch' },
    { plan: 'broadcast', source: 'held' },
    { plan: 'save', best: false, finished: null },
  ];
  const resumed: Plan[] = [{ plan: 'broadcast', source: 'held' }];
  const agenda: Plan[] = [
    { plan: 'link' },
    ...(state.held === null ? fresh : resumed),
    { plan: 'callbacks', hook: 'train-begin' },
  ];
  return become(idle({ ...state, members, worldSize, parameters, agenda }), ...assigned, {
    do: 'tell',
    news: { news: 'started', members, cursor: state.cursor },
  });
}

/** By slot, and then those of one host together, in the order of the first of each host. */
function inRankOrder(members: readonly Member[]): Member[] {
  const bySlot = (member: Member): number => member.slot ?? Number.POSITIVE_INFINITY;
  const ordered = [...members].sort((a, b) =>
    bySlot(a) === bySlot(b) ? 0 : bySlot(a) - bySlot(b),
  );
  const hosts = new Map<string, Member[]>();
  for (const member of ordered) {
    const host = member.ready?.peer?.host ?? member.host;
    hosts.set(host, [...(hosts.get(host) ?? []), member]);
  }
  return [...hosts.values()].flat();
}

interface Refusal {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string;
}

function refusal(peer: string, { code, message, hint }: Refusal): Command[] {
  return [
    {
      do: 'send',
      peer,
      header: { kind: 'refuse', code, message, ...(hint === undefined ? {} : { hint }) },
    },
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
  if (members.some((member) => member.peer === peer)) {
    return { code: 'PROTOCOL_VIOLATION', message: `${who} said hello twice` };
  }
  // Who trains alone waits for the worker that it started itself.
  const stranger = phase.name === 'joining' && phase.alone && hello.slot === undefined;
  if (phase.name !== 'joining' || members.length >= wanted(state) || stranger) {
    return {
      code: 'CLUSTER_FULL',
      message: 'the cluster has all of its workers',
      hint: 'Start the coordinator with a larger --workers.',
    };
  }
  return null;
}

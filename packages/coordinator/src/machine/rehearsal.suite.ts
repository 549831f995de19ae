import type { AllReduceName } from '@lockstep/core';
import type { Verdict } from '@lockstep/core/callbacks';
import { globalSlice, rankSlice } from '@lockstep/core/data';
import type { CoordinatorHeader, Header } from '@lockstep/core/protocol';
import { protocolVersion } from '@lockstep/core/protocol';
import { partition } from '@lockstep/core/reducer';
import type { Command, News } from './commands.js';
import type { Event, TensorNote } from './events.js';
import { initialState } from './start.js';
import type {
  CallbackHook,
  LinkAnswer,
  Outcome,
  Resumed,
  Settings,
  Snapshot,
  State,
} from './state.js';
import { step } from './step.js';

export const sha = (digit: string): string => digit.repeat(64);

export const settings: Settings = {
  run: 'r1',
  workers: 2,
  minWorkers: 2,
  rejoinTimeoutMs: 30_000,
  maxRestarts: 0,
  onNaN: 'stop',
  engine: 'auto',
  seed: 1,
  batchSize: 4,
  epochs: 1,
  optimizer: { name: 'sgd', learningRate: 0.1, momentum: 0, nesterov: false },
  precision: 'float32',
  deterministic: false,
  allReduce: 'star',
  compression: 'none',
  accumulate: 1,
  shardOptimizer: false,
  scaleLearningRate: false,
  warmUpEpochs: 0,
  model: { name: 'm', loss: 'l', topology: { class_name: 'Sequential', config: {} } },
  modelHash: sha('a'),
  dataset: {
    name: 'd',
    hash: sha('d'),
    trainSize: 7,
    validationSize: 0,
    testSize: 3,
    imageShape: [2, 2, 1],
    classes: 2,
  },
  configHash: sha('c'),
  validation: 'none',
  steps: null,
  logEvery: null,
  checkpointSteps: null,
  checkpointMs: null,
  fallback: 'alone',
  joinTimeoutMs: 10_000,
  stepTimeoutMs: 5_000,
  adaptStepTimeout: false,
  boundaryTimeoutMs: 60_000,
  pingIntervalMs: 1_000,
  reportMs: 0,
  reportAfter: 20,
};

export interface Rehearsed {
  settings?: Partial<Settings>;
  resumed?: Resumed | null;
  verdicts?: (hook: CallbackHook | 'step', count: number) => Verdict;
  /** What a rank says of an algorithm that it tries: milliseconds, or why it failed. */
  links?: (collective: AllReduceName | 'single', rank: number, measure: boolean) => number | string;
  /** Where a worker is found by others, by its peer id; by default on a host of its own. */
  placeOf?: (peer: string) => Header<'ready'>['peer'];
  /** What a worker has kept from the coordinator before. */
  holds?: (peer: string) => Header<'ready'>['holds'];
  /** The metric loss of each sample. */
  loss?: (step: number) => number;
  /** Whether a rank's part of a step is a number. */
  finite?: (step: number, peer: string) => boolean;
  /** Once a rank was lost: steps that the others have applied beyond the cursor. */
  ahead?: number;
  /** A checkpoint is on its way until `written` is called. */
  slowDisk?: boolean;
  /** Called before each event is handled: a fault may be put in. */
  before?: (rehearsal: Rehearsal, event: Event) => void;
}

/** How the run ended; null: it has not. */
export function outcomeOf({ state: { phase } }: Rehearsal): Outcome | null {
  return phase.name === 'ended' ? phase.outcome : null;
}

/** The first word of every run. */
export const start: Event = { type: 'start', now: 0, channel: 'c0' };

export const tick = (now: number): Event => ({ type: 'tick', now });

/** Two workers, from the first word on. */
export const pair = (options: Rehearsed = {}): Rehearsal =>
  new Rehearsal(options).post(start).join('a', 'b');

/** A worker's connection is gone. */
export const lost = (peer: string): Extract<Event, { readonly type: 'lost' }> => ({
  type: 'lost',
  peer,
  code: 'WORKER_LOST',
  reason: 'gone',
});

/** Does this once, when the run trains and has come to a step. */
export const atStep = (
  at: number,
  act: (rehearsal: Rehearsal) => void,
): Pick<Rehearsed, 'before'> => inPhase('training', at, act);

/** Likewise in another phase, or as long as a checkpoint is on its way to the disk, which is none: `saving`. */
export function inPhase(
  name: string,
  at: number,
  act: (rehearsal: Rehearsal) => void,
): Pick<Rehearsed, 'before'> {
  let done = false;
  return {
    before: (rehearsal) => {
      const { phase, cursor, saving } = rehearsal.state;
      const isIn = name === 'saving' ? saving !== null : phase.name === name;
      if (done || !isIn || cursor.step !== at) return;
      done = true;
      act(rehearsal);
    },
  };
}

/**
 * The machine on a stage: workers, callbacks and disk answer it as real ones would, in one thread and
 * without time, and everything that is said is written down.
 */
export class Rehearsal {
  state: State;
  readonly lines: string[] = [];
  /** Positions trained, by epoch, of steps that were applied. */
  readonly trained = new Map<number, number[]>();
  readonly outcomes: State['phase'][] = [];
  readonly news: News[] = [];
  /** Ids of tensors that arrived and were not let go of. */
  readonly tensors = new Set<string>();
  readonly #queue: Event[] = [];
  readonly #unwritten: Event[] = [];
  readonly #silent = new Set<string>();
  readonly #ranks = new Map<string, { rank: number; worldSize: number }>();
  readonly #orders = new Map<string, Header<'train'>>();
  readonly #settings: Settings;
  #saves = 0;
  /** Steps that no rank has applied; and whether that of now will be one. */
  #skipped = 0;
  #isSick = false;
  #saved: Snapshot | null = null;
  #started = 0;
  #tensors = 0;
  #consulted = 0;

  constructor(private readonly options: Rehearsed = {}) {
    const { workers = settings.workers } = options.settings ?? {};
    this.#settings = { ...settings, minWorkers: workers, ...options.settings };
    this.state = initialState(this.#settings, options.resumed ?? null);
  }

  get transcript(): string {
    return `${this.lines.join('\n')}\n`;
  }

  post(...events: Event[]): this {
    this.#queue.push(...events);
    return this;
  }

  /** Happens before anything that is under way. */
  interject(event: Event): this {
    this.#queue.unshift(event);
    return this;
  }

  /** This peer says nothing any more. */
  silence(peer: string): this {
    this.#silent.add(peer);
    return this;
  }

  /** The disk has taken what it was given; or says otherwise. */
  written(instead?: Event): this {
    const events = this.#unwritten.splice(0);
    return this.post(...(instead === undefined ? events : [instead]));
  }

  /** Handles events until nothing is left to handle, or until the state is such. */
  run({ until = () => false }: { until?: (state: State) => boolean } = {}): this {
    while (this.#queue.length > 0 && !until(this.state)) {
      const event = this.#queue.shift()!;
      this.options.before?.(this, event);
      this.lines.push(describeEvent(event));
      if (event.type === 'message' && event.tensors !== null) this.tensors.add(event.tensors.id);
      const { state, commands } = step(this.state, event);
      this.state = state;
      for (const command of commands) {
        this.lines.push(`    ${describeCommand(command)}`);
        this.#obey(command);
      }
    }
    return this;
  }

  join(...peers: string[]): this {
    peers.forEach((peer, slot) => {
      this.post({
        type: 'message',
        peer,
        header: hello({ slot, host: `host-${peer}` }),
        tensors: null,
      });
    });
    return this;
  }

  /** A rank was lost in a step that others may have applied. */
  get #isLosing(): boolean {
    return this.state.failing !== null || this.state.change !== null;
  }

  #obey(command: Command): void {
    switch (command.do) {
      case 'send':
        if (!this.#silent.has(command.peer)) this.#answer(command.peer, command.header);
        return;
      case 'average':
        for (const { gradient } of command.parts) this.tensors.delete(gradient ?? '');
        if (command.header.kind === 'probed') {
          for (const peer of command.peers)
            this.#linked(peer, command.header.request, 'star', true);
          return;
        }
        if (this.#isSick) this.#skipped += 1;
        this.#isSick = false;
        if (command.header.kind === 'averaged') {
          for (const peer of command.peers) this.#contribute(peer, !command.header.proceed);
        }
        this.#noteTrained();
        return;
      case 'consult': {
        const verdict = this.options.verdicts?.(command.hook, this.#consulted++) ?? {};
        this.post({ type: 'verdict', hook: command.hook, verdict });
        return;
      }
      case 'consult-step':
        this.#queue.unshift({
          type: 'step-verdict',
          verdict: this.options.verdicts?.('step', command.step) ?? {},
        });
        return;
      case 'save':
        this.#saved = command.snapshot;
        this.#unwritten.push({
          type: 'saved',
          file: `ckpt-${this.#saves++}`,
          weightsSha256: sha('e'),
        });
        if (!this.options.slowDisk) this.written();
        return;
      case 'reload':
        this.#reload(command.learningRateFactor);
        return;
      case 'start-worker':
        this.post({
          type: 'message',
          peer: `own${this.#started++ || ''}`,
          header: hello({ slot: command.slot }),
          tensors: null,
        });
        return;
      case 'assemble':
        for (const id of command.parts) this.tensors.delete(id);
        this.tensors.add(command.id);
        return;
      case 'forget':
        this.tensors.delete(command.id);
        return;
      case 'tell':
        this.news.push(command.news);
        return;
      case 'end':
        this.outcomes.push(this.state.phase);
    }
  }

  #answer(peer: string, header: Extract<Command, { do: 'send' }>['header']): void {
    const scope = { run: this.#settings.run, generation: this.state.generation };
    switch (header.kind) {
      case 'welcome':
        this.#say(peer, {
          kind: 'ready',
          ...scope,
          modelHash: this.#settings.modelHash,
          parameters: [{ name: 'w', shape: [2, 5], trainable: true }],
          samples: 'local',
          holds: this.options.holds?.(peer) ?? null,
          peer: header.peers ? this.#placeOf(peer) : null,
        });
        return;
      case 'assign':
        this.#ranks.set(peer, header);
        return;
      case 'link':
        if (header.collective === 'star' && header.measure) this.#probe(peer, header.request);
        else this.#linked(peer, header.request, header.collective, header.measure);
        return;
      case 'send-state':
        this.post({
          type: 'message',
          peer,
          header: {
            kind: 'state',
            ...scope,
            request: header.request,
            iterations:
              this.state.cursor.step -
              this.#skipped +
              (this.#isLosing ? (this.options.ahead ?? 0) : 0),
          },
          tensors: this.#stateOf(peer, header.weights),
        });
        return;
      case 'load-state':
      case 'send-hash':
        this.#say(peer, {
          kind: 'hash',
          ...scope,
          request: header.request,
          weightsSha256: sha('e'),
        });
        return;
      case 'train':
        this.#orders.set(peer, header);
        this.#contribute(peer);
        return;
      case 'evaluate': {
        const count = header.range.end - header.range.begin;
        this.#say(peer, {
          kind: 'evaluated',
          ...scope,
          request: header.request,
          metrics: { loss: { sum: count, count }, accuracy: { sum: count / 2, count } },
        });
        return;
      }
      default:
        return;
    }
  }

  /** What was trained since the checkpoint was not. */
  #reload(learningRateFactor: number): void {
    if (this.#saved === null) throw new Error('there is no checkpoint to go back to');
    const { worldSize: _ranks, parameters: _weights, ...resumed } = this.#saved;
    const { epoch, position } = resumed.cursor;
    for (const [each, positions] of this.trained) {
      if (each > epoch) this.trained.delete(each);
      if (each === epoch) this.trained.set(epoch, positions.slice(0, position));
    }
    this.#skipped = resumed.skipped;
    this.#isSick = false;
    const learningRate = resumed.learningRate * learningRateFactor;
    const held = `reloaded${this.#tensors++}`;
    this.tensors.add(held);
    this.post({
      type: 'reloaded',
      resumed: { ...resumed, learningRate, held, remembered: null },
      file: 'ckpt',
    });
  }

  /** Of an optimizer with one slot, where it is in parts; else of one without. */
  #stateOf(peer: string, weights: boolean): TensorNote {
    const { rank, worldSize } = this.#ranks.get(peer)!;
    const sharded = this.#settings.shardOptimizer && worldSize > 1;
    const { begin, end } = partition(10, worldSize)[rank]!;
    return {
      id: `state${this.#tensors++}`,
      lengths: {
        ...(weights && { weights: 10 }),
        ...(sharded && { 'slot:momentum': end - begin }),
      },
      ...(weights && { weightsSha256: sha('e') }),
    };
  }

  #placeOf(peer: string): Header<'ready'>['peer'] {
    const { placeOf } = this.options;
    return placeOf ? placeOf(peer) : { address: `tcp://${peer}:1`, host: `host-${peer}` };
  }

  /** One round, in which the coordinator averages as it would in a step. */
  #probe(peer: string, request: number): void {
    const scope = { run: this.#settings.run, generation: this.state.generation };
    this.post({
      type: 'message',
      peer,
      header: { kind: 'probe', ...scope, request, round: 0 },
      tensors: { id: `p${this.#tensors++}`, lengths: { gradient: 10 } },
    });
  }

  #linked(
    peer: string,
    request: number,
    collective: AllReduceName | 'single',
    measure: boolean,
  ): void {
    const scope = { run: this.#settings.run, generation: this.state.generation };
    const { rank } = this.#ranks.get(peer)!;
    const said = this.options.links?.(collective, rank, measure) ?? 1;
    const answer: LinkAnswer =
      typeof said === 'string'
        ? { milliseconds: null, failure: { code: 'WORKER_LOST', message: said } }
        : { milliseconds: measure ? said : null, failure: null };
    this.#say(peer, { kind: 'linked', ...scope, request, ...answer });
  }

  /** This rank's part of the step at which the cursor stands, and of those that it reports with it. */
  #contribute(peer: string, isStopped = false): void {
    if (this.#silent.has(peer)) return;
    const { step, position } = this.state.cursor;
    const order = this.#orders.get(peer)!;
    const { step: first, until, reportEvery: every } = order;
    // A lone rank waits for the answer, others have gone on.
    const gone = this.state.collective === 'single' ? 0 : every - 1;
    const left = isStopped ? gone : every - ((step - first) % every);
    const end = Math.min(step + left, until);
    if (isStopped) this.#orders.set(peer, { ...order, until: end });
    const { batchSize } = this.#settings;
    const parts = Array.from({ length: end - step }, (_, i) =>
      this.#partOf(peer, step + i, position + i * batchSize),
    );
    const last = parts.pop();
    if (last === undefined) return;
    this.post({
      type: 'message',
      peer,
      header: {
        kind: 'contribution',
        run: this.#settings.run,
        generation: this.state.generation,
        step: end - 1,
        ...last,
        ...(parts.length > 0 && { before: parts }),
      },
      tensors:
        this.state.collective !== 'star'
          ? null
          : { id: `g${this.#tensors++}`, lengths: { gradient: 10 } },
    });
  }

  #partOf(peer: string, step: number, position: number) {
    const { rank, worldSize } = this.#ranks.get(peer)!;
    const { dataset, batchSize, logEvery } = this.#settings;
    const own = rankSlice(globalSlice(position, dataset.trainSize, batchSize), rank, worldSize);
    const count = own.end - own.begin;
    const loss = this.options.loss?.(step) ?? 1;
    const isNumber = this.options.finite?.(step, peer) ?? true;
    this.#isSick ||= !isNumber;
    const isLogged = logEvery !== null && step % logEvery === 0;
    return {
      samples: count,
      metrics: { loss: { sum: loss * count, count }, accuracy: { sum: count, count } },
      ...(!isNumber && { finite: false as const }),
      ...(isLogged && { logged: { loss: { sum: 2 * loss * count, count } } }),
    };
  }

  /** The step that was just applied ends where the cursor stands (or where its epoch ended). */
  #noteTrained(): void {
    const { epoch } = this.state.cursor;
    const seen = this.trained.get(epoch) ?? [];
    const begin =
      seen.length +
      (this.options.resumed?.cursor.epoch === epoch ? this.options.resumed.cursor.position : 0);
    for (let position = begin; position < this.state.cursor.position; position++) {
      seen.push(position);
    }
    this.trained.set(epoch, seen);
  }

  #say(peer: string, header: Extract<Event, { type: 'message' }>['header']): void {
    this.post({ type: 'message', peer, header, tensors: null });
  }
}

export function hello(change: Partial<Header<'hello'>> = {}): Header<'hello'> {
  return {
    kind: 'hello',
    protocol: protocolVersion,
    version: '0.1.0',
    host: 'host',
    pid: 1,
    engine: 'cpu',
    device: 'cpu (JavaScript)',
    expects: {},
    ...change,
  };
}

/** Times are passed on, and decide nothing. */
const short = (value: unknown): string =>
  JSON.stringify(value, (key, inner) =>
    key === 'run' || key === 'generation' || key === 'times'
      ? undefined
      : typeof inner === 'string' && /^([0-9a-f])\1{63}$/.test(inner)
        ? `${inner[0]}...`
        : inner,
  );

function describeEvent(event: Event): string {
  switch (event.type) {
    case 'message': {
      const { kind, ...fields } = event.header;
      const { host, slot, step: at, samples, engine } = fields as Record<string, unknown>;
      const { milliseconds, failure, before } = fields as Record<string, unknown>;
      const answer = failure ? { failure: short(failure) } : milliseconds ? { milliseconds } : {};
      const shown = Object.entries({
        ...{ host, slot, engine, step: at, samples },
        ...(Array.isArray(before) && { after: before.length }),
        ...answer,
      })
        .filter(([, value]) => value !== undefined)
        .map(([key, value]) => ` ${key}=${value}`);
      return `${event.peer}: ${kind}${shown.join('')}`;
    }
    case 'verdict':
      return `callbacks on ${event.hook}: ${short(event.verdict)}`;
    case 'step-verdict':
      return `callbacks on step: ${short(event.verdict)}`;
    default: {
      const { type, ...fields } = event;
      return `${type} ${short(fields)}`;
    }
  }
}

/** What ranks only keep for a coordinator that comes after this one. */
function withoutSums(header: CoordinatorHeader) {
  const { epochSums: _kept, ...rest } = { epochSums: null, ...header };
  return rest;
}

function describeCommand(command: Command): string {
  switch (command.do) {
    case 'send': {
      const { kind, ...fields } = withoutSums(command.header);
      const tensors = command.tensors
        ? ` with ${command.tensors.part} of ${command.tensors.id}`
        : '';
      return `-> ${command.peer} ${kind} ${kind === 'welcome' ? '...' : short(fields)}${tensors}`;
    }
    case 'average': {
      const parts = command.parts.map(({ gradient, samples }) => `${samples} x ${gradient}`);
      const { kind, ...fields } = withoutSums(command.header);
      return `-> ${command.peers.join(', ')} ${kind} ${short(fields)} of ${parts.join(' + ')}`;
    }
    case 'tell':
      return `tell ${short(command.news)}`;
    default: {
      const { do: what, ...fields } = command;
      return `${what} ${short(fields)}`;
    }
  }
}

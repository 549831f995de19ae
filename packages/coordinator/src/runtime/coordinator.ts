import { randomBytes } from 'node:crypto';
import {
  bytesOf,
  type ErrorCode,
  isFiniteArray,
  LockstepError,
  type StopSignal,
  sha256,
  toLockstepError,
} from '@lockstep/core';
import { type Callback, CallbackList, type Verdict } from '@lockstep/core/callbacks';
import type { Checkpoint, CheckpointStore } from '@lockstep/core/checkpoint';
import { chunkFor, type Dataset } from '@lockstep/core/data';
import {
  decode,
  encode,
  type Header,
  type RankTimes,
  type Tensors,
  type WorkerHeader,
} from '@lockstep/core/protocol';
import { type Frames, type Listener, PeerUnreachable } from '@lockstep/core/transport';
import type { Command, News } from '../machine/commands.js';
import type { Event, TensorNote } from '../machine/events.js';
import { everybody } from '../machine/membership.js';
import { initialState } from '../machine/start.js';
import type { Outcome, Settings, State } from '../machine/state.js';
import { step } from '../machine/step.js';
import { strangerTold, type Transition } from '../machine/transition.js';
import { PeerClocks } from '../profile/peerClocks.js';
import { Averager } from './averager.js';
import { type Captured, checkpointOf, resumedFrom } from './checkpoints.js';
import { Clock } from './clock.js';
import { Door } from './door.js';
import { Refusals } from './refusals.js';
import { TensorTable } from './tensors.js';

export interface CoordinatorOptions {
  readonly settings: Settings;
  readonly listener: Listener;
  readonly dataset: Dataset;
  readonly callbacks: readonly Callback[];
  readonly store: CheckpointStore;
  /** Where to go on from; null: from the beginning. */
  readonly checkpoint: Checkpoint | null;
  /** The configuration as the checkpoint keeps it. */
  readonly config: Record<string, unknown>;
  readonly version: string;
  /** Starts a worker of this machine, which connects to this coordinator. */
  readonly startWorker: (slot: number) => void;
  /** Ends the process of one that was lost, wherever it hangs. */
  readonly killWorker: (slot: number) => void;
  readonly onNews: (news: News) => void;
  /** Sees everything that is decided, as it is decided: for whoever checks it, or writes it down. */
  readonly onTransition?: (event: Event, transition: Transition) => void;
}

/** How often deadlines are looked at. */
const tickMs = 100;
/** A process that ended may have said why: its last message is given so long to arrive first. */
const lastWordsMs = 300;

/**
 * A worker that this machine started was told of which run: only such a one is taken for it, since the run cannot go on
 * when it ends before training begins.
 */
function withoutFalseSlot(hello: Header<'hello'>, run: string): Header<'hello'> {
  if (hello.expects.run === run) return hello;
  const { slot: _slot, ...rest } = hello;
  return rest;
}

/**
 * Carries out what the machine decides; the only place of the coordinator that touches sockets, disk and
 * time. One event is handled at a time, in the order of arrival.
 */
export class Coordinator {
  readonly #tensors = new TensorTable();
  readonly #averager = new Averager();
  readonly #clocks = new PeerClocks();
  readonly #door = new Door();
  readonly #refusals = new Refusals();
  #callbacks: CallbackList;
  /** What the callbacks left off with; undefined: they begin. */
  #formerCallbacks: unknown;
  /** For the checkpoint that is saved next. */
  #captured: Captured | null = null;
  readonly #events: Event[] = [];
  readonly #timers: NodeJS.Timeout[] = [];
  #state: State;
  #busy = false;
  #end: ((outcome: Outcome) => void) | null = null;

  constructor(private readonly options: CoordinatorOptions) {
    const { settings, checkpoint } = options;
    const resumed = checkpoint === null ? null : resumedFrom(checkpoint, this.#tensors);
    this.#state = initialState(settings, resumed);
    this.#formerCallbacks = checkpoint?.header.callbacks ?? undefined;
    this.#callbacks = this.#newCallbacks(this.#state.learningRate);
  }

  #newCallbacks(learningRate: number): CallbackList {
    const { settings, callbacks } = this.options;
    return new CallbackList(callbacks, { epochs: settings.epochs, learningRate });
  }

  /** Runs to the end of the run; every way to end is an outcome, none is an exception. */
  async run(): Promise<Outcome> {
    const ended = new Promise<Outcome>((resolve) => {
      this.#end = resolve;
    });
    const { listener, settings } = this.options;
    const receiving = this.#receive();
    const clock = new Clock(tickMs);
    this.#every(tickMs, () => {
      this.#dispatch({ type: 'tick', now: clock.tick() });
      this.#tellOfRefusals();
    });
    this.#every(settings.pingIntervalMs, () => this.#ping());
    this.#dispatch({ type: 'start', now: 0, channel: randomBytes(16).toString('hex') });
    const outcome = await ended;
    for (const timer of this.#timers) clearTimeout(timer);
    await listener.close();
    await receiving;
    return outcome;
  }

  interrupt(signal: StopSignal): void {
    this.#dispatch({ type: 'interrupt', signal });
  }

  /** Something on this machine that the run needs does not work. */
  fail({ code, message, hint }: LockstepError): void {
    this.#dispatch({ type: 'broken', code, message, hint: hint ?? null });
  }

  /** @param code of the error that the process reported before it ended */
  workerExited(slot: number, code: ErrorCode | null, reason: string): void {
    const timer = setTimeout(
      () => this.#dispatch({ type: 'worker-exited', slot, code, reason }),
      lastWordsMs,
    );
    this.#timers.push(timer);
  }

  async #receive(): Promise<void> {
    for await (const { peer, frames } of this.options.listener.receive()) {
      const knock = this.#isWelcome(peer) ? 'read' : this.#door.knock(peer, frames);
      if (knock === 'tell') this.#execute(strangerTold(peer));
      if (knock !== 'read') continue;
      try {
        this.#onFrames(peer, frames);
      } catch (thrown) {
        this.#refuse(peer, toLockstepError(thrown));
      }
    }
  }

  #onFrames(peer: string, frames: Frames): void {
    const { header: said, tensors } = decode(frames, 'worker');
    const header = said.kind === 'hello' ? withoutFalseSlot(said, this.options.settings.run) : said;
    if (header.kind === 'data-request') {
      this.#sendChunk(peer, header);
      return;
    }
    if (header.kind === 'pong' && this.#isWelcome(peer)) this.#clocks.answered(peer, header);
    const note = this.#keep(header, tensors);
    this.#dispatch({
      type: 'message',
      peer,
      header: this.#onOurClock(peer, header),
      tensors: note,
    });
  }

  /** Weights are hashed here and not by the rank that sends them: what is compared is what is saved. */
  #keep({ kind }: WorkerHeader, tensors: Tensors): TensorNote | null {
    if (Object.keys(tensors).length === 0) return null;
    if (kind !== 'state') return this.#tensors.keep(tensors);
    const { weights } = tensors;
    return this.#tensors.keepState(tensors, weights && sha256(bytesOf(weights)));
  }

  #onOurClock(peer: string, header: WorkerHeader): WorkerHeader {
    if (header.kind !== 'contribution') return header;
    const { times, before, ...rest } = header;
    return {
      ...rest,
      ...this.#timesOnOurClock(peer, times),
      ...(before && {
        before: before.map(({ times: own, ...part }) => ({
          ...part,
          ...this.#timesOnOurClock(peer, own),
        })),
      }),
    };
  }

  #timesOnOurClock(peer: string, times: RankTimes | undefined): { times?: RankTimes } {
    const ours = times === undefined ? null : this.#clocks.onOurClock(peer, times);
    return ours === null ? {} : { times: ours };
  }

  /** Has a rank, or will have one. */
  #isWelcome(peer: string): boolean {
    return everybody(this.#state).some((member) => member.peer === peer);
  }

  /** Who trains; whoever was only welcomed has no use for samples yet. */
  #hasRank(peer: string): boolean {
    return this.#state.members.some((member) => member.peer === peer && member.rank >= 0);
  }

  #sendChunk(peer: string, request: Header<'data-request'>): void {
    const { generation, settings } = this.#state;
    const { run, seed } = settings;
    if (!this.#hasRank(peer) || request.run !== run || request.generation !== generation) return;
    const { split, epoch, ranges } = request;
    const { dataset } = this.options;
    const { images, labels } = chunkFor(dataset, seed, { split, epoch, ranges });
    const header = { kind: 'data-chunk', run, generation, request: request.request } as const;
    this.#send(peer, encode(header, { images, labels }));
  }

  /** Nothing that arrives can stop the others: its sender is told what was wrong, and is out. */
  #refuse(peer: string, { code, message, hint }: LockstepError): void {
    const header = { kind: 'refuse', code, message, ...(hint ? { hint } : {}) } as const;
    this.#door.turnAway(peer);
    this.options.listener.send(peer, encode(header)).catch(() => undefined);
    this.#tell({ news: 'refused', peer, code, message });
    this.#dispatch({ type: 'lost', peer, code, reason: message });
  }

  #dispatch(event: Event): void {
    this.#events.push(event);
    if (this.#busy) return;
    this.#busy = true;
    try {
      for (let next = this.#events.shift(); next !== undefined; next = this.#events.shift()) {
        const transition = step(this.#state, next);
        this.#state = transition.state;
        this.options.onTransition?.(next, transition);
        for (const command of transition.commands) this.#execute(command);
      }
    } catch (thrown) {
      this.#breakOff(toLockstepError(thrown));
    } finally {
      this.#busy = false;
    }
  }

  #execute(command: Command): void {
    switch (command.do) {
      case 'send': {
        const { peer, header, tensors } = command;
        if (header.kind === 'refuse') this.#door.turnAway(peer);
        this.#send(peer, encode(header, tensors ? this.#selected(tensors) : {}));
        return;
      }
      case 'average': {
        const parts = command.parts.flatMap(({ gradient, samples }) =>
          gradient === null
            ? []
            : [{ gradient: this.#tensors.take(gradient).gradient as Float32Array, samples }],
        );
        const tensors: Tensors =
          parts.length > 0 ? { gradient: this.#averager.average(parts) } : {};
        const frames = encode(command.header, tensors);
        for (const peer of command.peers) this.#send(peer, frames);
        return;
      }
      case 'assemble':
        this.#tensors.assemble(command.parts, command.id);
        return;
      case 'forget':
        this.#tensors.forget(command.id);
        return;
      case 'consult': {
        const { hook } = command;
        this.#later(this.#consult(command), (verdict) =>
          this.#dispatch({ type: 'verdict', hook, verdict }),
        );
        return;
      }
      case 'consult-step': {
        const verdict = this.#callbacks.onStepEnd(command.step, command.logs);
        this.#events.push({ type: 'step-verdict', verdict });
        return;
      }
      case 'capture': {
        const { remembered } = command;
        this.#captured = {
          callbacks: this.#callbacks.state(),
          remembered:
            remembered === null ? null : (this.#tensors.get(remembered).weights as Float32Array),
        };
        return;
      }
      case 'save': {
        this.#save(command).then(
          (saved) => this.#dispatch({ type: 'saved', ...saved }),
          (thrown: unknown) => {
            const { code, message, hint } = toLockstepError(thrown);
            this.#dispatch({ type: 'save-failed', code, message, hint: hint ?? null });
          },
        );
        return;
      }
      case 'reload':
        this.#later(this.options.store.newest(), ({ checkpoint, file }) => {
          const former = resumedFrom(checkpoint, this.#tensors);
          const learningRate = former.learningRate * command.learningRateFactor;
          this.#formerCallbacks = checkpoint.header.callbacks ?? undefined;
          this.#callbacks = this.#newCallbacks(learningRate);
          const resumed = { ...former, learningRate };
          this.#dispatch({ type: 'reloaded', resumed, file });
        });
        return;
      case 'start-worker':
        this.options.startWorker(command.slot);
        return;
      case 'kill-worker':
        this.options.killWorker(command.slot);
        return;
      case 'tell':
        this.#tell(command.news);
        return;
      case 'end':
        this.#end?.(command.outcome);
        return;
      default:
        command satisfies never;
    }
  }

  #selected({ id, part }: { id: string; part: 'all' | 'weights' }): Tensors {
    const tensors = this.#tensors.get(id);
    return part === 'all' ? tensors : { weights: tensors.weights! };
  }

  #consult({ hook, epoch, logs }: Extract<Command, { do: 'consult' }>): Promise<Verdict> {
    switch (hook) {
      case 'train-begin':
        return this.#callbacks.onTrainBegin(this.#formerCallbacks);
      case 'epoch-begin':
        return this.#callbacks.onEpochBegin(epoch);
      case 'epoch-end':
        return this.#callbacks.onEpochEnd(epoch, logs);
      case 'train-end':
        return this.#callbacks.onTrainEnd();
    }
  }

  /** What the checkpoint is of is as it is now; writing comes after what else is to be done now. */
  async #save({ snapshot, best }: Extract<Command, { do: 'save' }>) {
    const captured = this.#captured;
    this.#captured = null;
    if (captured === null) throw new Error('nothing was captured for this checkpoint');
    const checkpoint = checkpointOf(snapshot, {
      ...this.options,
      tensors: this.#tensors,
      captured,
    });
    // The commands after this one tell the ranks to go on.
    await Promise.resolve();
    requireFinite(checkpoint.weights, snapshot.cursor.step);
    const { file } = await this.options.store.save(checkpoint, { best });
    return { file, weightsSha256: checkpoint.header.weightsSha256 };
  }

  /** What takes time ends as an event: with its result, or as broken. */
  #later<Result>(work: Promise<Result>, done: (result: Result) => void): void {
    work.then(done, (thrown: unknown) => {
      this.fail(toLockstepError(thrown));
    });
  }

  #send(peer: string, frames: Frames): void {
    this.options.listener.send(peer, frames).catch((thrown: unknown) => {
      const reason =
        thrown instanceof PeerUnreachable
          ? 'its connection is gone'
          : toLockstepError(thrown).message;
      this.#dispatch({ type: 'lost', peer, code: 'WORKER_LOST', reason });
    });
  }

  /** Shows workers that the coordinator lives, and the coordinator which workers do not, and their clocks. */
  #ping(): void {
    const { settings, generation } = this.#state;
    for (const { peer } of everybody(this.#state)) {
      const askedAt = this.#clocks.now();
      this.#send(peer, encode({ kind: 'ping', run: settings.run, generation, askedAt }));
    }
  }

  #tell(news: News): void {
    // Told before the ranks are: they have a moment for an exact answer, and it comes before their times do.
    if (news.news === 'training') this.#ping();
    if (news.news === 'refused' && !this.#refusals.admit(news, performance.now())) return;
    this.options.onNews(news);
  }

  #tellOfRefusals(): void {
    const message = this.#refusals.summary(performance.now());
    if (message !== null) this.#tell({ news: 'warning', message });
  }

  #every(milliseconds: number, work: () => void): void {
    this.#timers.push(setInterval(work, milliseconds));
  }

  /** Something threw where nothing may: end the run, and let the workers know. */
  #breakOff({ code, message, hint }: LockstepError): void {
    const { settings, generation, phase } = this.#state;
    if (phase.name === 'ended') return;
    const outcome: Outcome = {
      stoppedBy: 'error',
      code,
      message,
      hint: hint ?? null,
      signal: null,
      slots: [],
    };
    this.#state = { ...this.#state, phase: { name: 'ended', outcome } };
    for (const { peer } of everybody(this.#state)) {
      this.#send(peer, encode({ kind: 'stop', run: settings.run, generation, code, message }));
    }
    this.#end?.(outcome);
  }
}

/** A gradient that is no number spoils the weights before any loss shows it: no good checkpoint makes way for those. */
function requireFinite(weights: Float32Array, step: number): void {
  if (isFiniteArray(weights)) return;
  throw new LockstepError(
    'DIVERGED',
    `After step ${step} the weights hold NaN or infinity, and are not saved`,
    { hint: 'Lower --learning-rate, or see --on-nan; the checkpoint before is whole.' },
  );
}

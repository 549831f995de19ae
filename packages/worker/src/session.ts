import { hostname } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { LockstepError, toLockstepError } from '@lockstep/core';
import { type Contribution, Halted } from '@lockstep/core/collective';
import type { Dataset, DatasetDescription } from '@lockstep/core/data';
import { modelHash } from '@lockstep/core/model';
import {
  type CoordinatorHeader,
  decode,
  encode,
  type Header,
  type Message,
  protocolVersion,
  type RankTimes,
  type Tensors,
  type WorkerHeader,
} from '@lockstep/core/protocol';
import type { Link } from '@lockstep/core/transport';
import { type Built, build, loadModel } from './build.js';
import { ChunkClient } from './chunkClient.js';
import { deferred } from './deferred.js';
import type { Engine } from './engine/engine.js';
import { readTensors, weightsHash, writeTensors } from './modelState.js';
import { Group, type PeerPlace, reducerMaker } from './peers/index.js';
import { type Former, holdsOf, ProgressLog } from './progress.js';
import { type Membership, trainEpoch } from './trainEpoch.js';
import { Watchdog } from './watchdog.js';

/** Whoever sent SIGTERM may send SIGKILL half a minute later. */
const leaveTimeoutMs = 20_000;

export interface SessionOptions {
  readonly link: Link;
  readonly engine: Engine;
  readonly version: string;
  /** Number of a worker that the coordinator's own machine started. */
  readonly slot?: number;
  /** What must be so at the coordinator; anything else is refused there. */
  readonly expects: Header<'hello'>['expects'];
  /** This machine's copy of the dataset, or null: the samples then come from the coordinator. */
  readonly findDataset: (description: DatasetDescription) => Promise<Dataset | null>;
  /** What an earlier session of this worker left; it belongs to this one from now on. */
  readonly former?: Former | null;
  /** Whether another session may follow when the coordinator dies: then `former` has what this one leaves. */
  readonly isFollowed?: boolean;
  /** Where others may reach this worker; null: it shares a process with its coordinator. */
  readonly place: PeerPlace | null;
  /** How long the coordinator may take to answer at all, and be silent later. Milliseconds. */
  readonly connectTimeoutMs: number;
  readonly silenceTimeoutMs: number;
  readonly log: (line: string) => void;
}

/** How the coordinator ended the session: with its word of farewell. */
export type Farewell = Pick<Header<'stop'>, 'code' | 'message'>;

/** What `assign` brought about. */
interface Assigned extends Membership {
  readonly generation: number;
  readonly group: Group;
}

/**
 * One rank's life: hello, welcome, train as told, stop. The receive loop stays responsive; what takes time
 * (building, training, evaluating) stands in a queue and runs in the order in which it was asked for.
 */
export class Session {
  readonly #chunks = new ChunkClient((request, chunk) =>
    this.#send({ kind: 'data-request', ...this.#scope(), request, ...chunk }),
  );
  #built: Built | null = null;
  #welcome: Header<'welcome'> | null = null;
  #assigned: Assigned | null = null;
  /** Its model updates a part of the weights alone. */
  #isSharded = false;
  /** Steps that are applied to the weights that it holds. */
  #step = 0;
  #progress = new ProgressLog(null);
  #former: Former | null;
  /** Of steps of this membership, by the step after them, as long as they are not reported. */
  readonly #times = new Map<number, RankTimes>();
  #work: Promise<void> = Promise.resolve();
  #failure: LockstepError | null = null;
  #mayPass = false;
  /** Resolves when nothing is received any more. */
  readonly #over = deferred<void>();

  constructor(private readonly options: SessionOptions) {
    this.#former = options.former ?? null;
  }

  /** @throws LockstepError when refused, when the coordinator is gone, or when this rank itself failed */
  async run(): Promise<Farewell> {
    const { link, connectTimeoutMs, silenceTimeoutMs } = this.options;
    const watchdog = new Watchdog(connectTimeoutMs, (limitMs) => this.#onSilence(limitMs));
    try {
      this.#hello();
      for await (const frames of link.receive()) {
        watchdog.heard(silenceTimeoutMs);
        const farewell = this.#on(decode(frames, 'coordinator'));
        if (farewell !== null) return farewell;
      }
      throw this.#failure ?? unreachable('the connection to the coordinator was closed');
    } catch (thrown) {
      const error = toLockstepError(thrown);
      // Whoever heard of the failure already need not be told again.
      if (this.#failure === null) this.#report(error);
      throw error;
    } finally {
      watchdog.stop();
      this.#over.resolve();
      // What still stands in the queue is not begun, and what waits for an answer is let go.
      this.#failure ??= new LockstepError('WORKER_LOST', 'the session is over');
      this.#assigned?.group.halt();
      this.#chunks.abandon(new Halted());
      await this.#work;
      await this.#assigned?.group.close();
      await link.close();
      await this.#built?.peer?.endpoint?.close();
      this.#handDown();
    }
  }

  /** What the next session may go on with, when this one is over. */
  get former(): Former | null {
    return this.#former;
  }

  /** The run that it belongs to; null: no coordinator has welcomed it. */
  get welcomedTo(): string | null {
    return this.#welcome?.run ?? null;
  }

  /** It was refused for what may change: another session may be let in. */
  get mayPass(): boolean {
    return this.#mayPass;
  }

  /** The user of this worker wants it back: it finishes its step, and is told when it may go. */
  async leave(reason: string): Promise<void> {
    if (this.#welcome !== null) {
      this.#send({ kind: 'leaving', ...this.#scope(), reason });
      await Promise.race([this.#over.promise, setTimeout(leaveTimeoutMs, null, { ref: false })]);
    }
    this.#failure ??= new LockstepError('WORKER_LOST', `left the run: ${reason}`);
    await this.options.link.close();
  }

  /** A part of an optimizer is nothing to go on with. */
  #handDown(): void {
    const built = this.#built;
    if (built !== null) {
      const { welcome, model } = built;
      this.#former = { welcome, model, progress: this.#progress.now };
    }
    const isWanted =
      this.options.isFollowed === true && this.#failure?.code === 'COORDINATOR_UNREACHABLE';
    if (isWanted && !this.#isSharded) return;
    this.#former?.model.dispose();
    this.#former = null;
  }

  #hello(): void {
    const { engine, version, slot, expects } = this.options;
    this.#send({
      kind: 'hello',
      protocol: protocolVersion,
      version,
      host: hostname(),
      pid: process.pid,
      engine: engine.description.name,
      device: engine.description.device,
      ...(slot === undefined ? {} : { slot }),
      expects,
    });
  }

  /** @returns the farewell, when this was the last message */
  #on({ header, tensors }: Message<'coordinator'>): Farewell | null {
    if (header.kind === 'refuse') {
      // Known before, and not any more: for this worker that is as if the coordinator had died.
      if (header.code === 'WORKER_LOST' && this.#welcome !== null) {
        this.#failure = new LockstepError('COORDINATOR_UNREACHABLE', header.message);
        throw this.#failure;
      }
      const { code, message, hint, mayPass = false } = header;
      this.#mayPass = mayPass;
      this.#failure = new LockstepError(code, message, hint === undefined ? {} : { hint });
      throw this.#failure;
    }
    if (this.#isStale(header)) return null;
    switch (header.kind) {
      case 'welcome':
        this.#welcome = header;
        this.#enqueue(() => this.#build(header));
        return null;
      case 'assign':
        this.#assign(header);
        return null;
      case 'link':
        this.#enqueue(() => this.#link(header));
        return null;
      case 'probed':
        this.#assigned?.group.probed(header, tensors.gradient as Float32Array);
        return null;
      case 'send-state':
        this.#enqueue(() => this.#sendState(header));
        return null;
      case 'load-state':
        this.#enqueue(() => this.#loadState(header, tensors));
        return null;
      case 'send-hash':
        this.#enqueue(() => this.#sendHash(header));
        return null;
      case 'train':
        this.#enqueue(() => this.#train(header));
        return null;
      case 'averaged':
        this.#progress.counted(header.epochSums);
        this.#assigned?.group.barrier.release(header.step, {
          proceed: header.proceed,
          gradient: (tensors.gradient as Float32Array | undefined) ?? null,
        });
        return null;
      case 'halt':
        this.#assigned?.group.halt();
        return null;
      case 'evaluate':
        this.#enqueue(() => this.#evaluate(header));
        return null;
      case 'data-chunk':
        this.#chunks.deliver(
          header.request,
          tensors.images as Uint8Array,
          tensors.labels as Uint8Array,
        );
        return null;
      case 'ping':
        this.#pong(header);
        return null;
      case 'stop':
        return { code: header.code, message: header.message };
      default:
        return header satisfies never;
    }
  }

  #isStale(header: Exclude<CoordinatorHeader, { kind: 'refuse' }>): boolean {
    const welcome = this.#welcome;
    if (header.kind === 'welcome') return welcome !== null;
    if (welcome === null || header.run !== welcome.run) return true;
    const { generation } = this.#scope();
    // Who waits to be given a rank hears nothing of memberships that begin meanwhile, but of the end of the run.
    if (header.kind === 'stop') return header.generation < generation;
    return header.kind !== 'assign' && header.generation !== generation;
  }

  async #build(welcome: Header<'welcome'>): Promise<void> {
    const { engine, log } = this.options;
    const { model: spec, dataset } = welcome;
    const former = this.#former;
    this.#former = null;
    const built = await build(welcome, { ...this.options, former, chunks: this.#chunks });
    this.#built = built;
    this.#progress = new ProgressLog(built.progress);
    const { peer } = built;
    log(`built '${spec.name}' on ${engine.description.device}`);
    log(
      `samples of '${dataset.name}': ${built.origin === 'local' ? 'local' : 'from the coordinator'}`,
    );
    this.#send({
      kind: 'ready',
      ...this.#scope(),
      modelHash: modelHash(spec),
      parameters: built.model.parameters.map(({ name, shape, trainable }) => ({
        name,
        shape: [...shape],
        trainable,
      })),
      samples: built.origin,
      peer: peer === null ? null : { address: peer.address, host: peer.host },
      holds: await holdsOf(built.progress, built.model),
    });
  }

  #assign(order: Header<'assign'>): void {
    const built = this.#built;
    if (built === null) throw ordersTooEarly();
    const { generation, rank, worldSize, channel } = order;
    const { welcome, model, peer } = built;
    const { compression, stepTimeoutMs, batchSize, accumulate } = welcome;
    const { gradientLength } = model;
    const closed = this.#assigned?.group.close();
    this.#enqueue(() => closed);
    // Of an earlier membership: answers to it are not believed any more.
    this.#chunks.letGo(new Halted());
    const isSharded = welcome.shardOptimizer && worldSize > 1;
    if (this.#isSharded && !isSharded) this.#enqueue(() => this.#loadAnew());
    this.#isSharded = isSharded;
    // What an earlier membership still says is not taken for this one's.
    const scope = { run: welcome.run, generation };
    const current = () => this.#ready().built.model;
    const group = new Group({
      rank,
      worldSize,
      gradientLength,
      channel,
      stepTimeoutMs,
      makeReducer: reducerMaker(order, { compression, gradientLength, peer }),
      model: {
        shardOptimizer: (...place) => current().shardOptimizer(...place),
        moveIn: (memory) => current().moveIn(memory),
        get factors() {
          return current().factors;
        },
      },
      isSharded,
      batchSize,
      accumulate,
      guarded: isGuarded(welcome),
      sendContributions: (parts) => this.#contribute(scope, parts),
      sendProbe: (request, round, gradient) =>
        this.#send({ kind: 'probe', ...scope, request, round }, { gradient }),
    });
    this.#assigned = { generation, rank, worldSize, group };
    this.#times.clear();
    this.options.log(`rank ${rank} of ${worldSize}`);
  }

  /** The last one of a membership updates all weights again; their state is brought to it. */
  async #loadAnew(): Promise<void> {
    const { built } = this.#ready();
    const model = await loadModel(built.welcome, this.options.engine);
    this.#built = { ...built, model };
    built.model.dispose();
  }

  async #link(order: Header<'link'>): Promise<void> {
    const { request, collective, measure } = order;
    const { group } = this.#ready().assigned;
    const answer = await group.link(order);
    this.#send({ kind: 'linked', ...this.#scope(), request, ...answer });
    const { failure } = answer;
    if (failure !== null) this.options.log(`'${collective}' does not work: ${failure.message}`);
    else if (!measure) this.options.log(`averaging with ${group.description}`);
  }

  async #train(order: Header<'train'>): Promise<void> {
    const { built, assigned } = this.#ready();
    const { welcome, model, samples } = built;
    const { accumulate } = welcome;
    const { collective } = assigned.group;
    const trainer = { model, collective, accumulate, guarded: isGuarded(welcome) };
    if (order.step !== this.#step) throw anotherStep(order.step, this.#step);
    this.#progress.begin(order);
    await trainEpoch(trainer, samples, order, assigned, welcome, (step, position, times) => {
      this.#step = step;
      this.#progress.applied(step, position);
      this.#times.set(step, times);
    });
  }

  async #evaluate({ request, split, range }: Header<'evaluate'>): Promise<void> {
    const { model, samples } = this.#ready().built;
    const metrics = await model.evaluate(await samples.evaluation(split, range));
    this.#send({ kind: 'evaluated', ...this.#scope(), request, metrics });
  }

  async #sendState({ request, weights }: Header<'send-state'>): Promise<void> {
    const { iterations, tensors } = await readTensors(this.#ready().built.model, weights);
    this.#send({ kind: 'state', ...this.#scope(), request, iterations }, tensors);
  }

  async #loadState(
    { request, step, iterations }: Header<'load-state'>,
    tensors: Tensors,
  ): Promise<void> {
    this.#progress.forget();
    await writeTensors(this.#ready().built.model, iterations, tensors);
    this.#step = step;
    await this.#sendHash({ request });
  }

  async #sendHash({ request }: { readonly request: number }): Promise<void> {
    const weightsSha256 = await weightsHash(this.#ready().built.model);
    this.#send({ kind: 'hash', ...this.#scope(), request, weightsSha256 });
  }

  #pong({ askedAt }: Header<'ping'>): void {
    const waitingFor = [...(this.#assigned?.group.waitingFor ?? [])];
    const answeredAt = Math.round(performance.now() * 1000);
    const answer = { step: this.#step, waitingFor, askedAt, answeredAt };
    this.#send({ kind: 'pong', ...this.#scope(), ...answer });
  }

  #contribute(scope: { run: string; generation: number }, parts: readonly Contribution[]): void {
    const reported = parts.map(({ step, gradient: _, reports: __, ...part }) => {
      const times = this.#times.get(step);
      this.#times.delete(step);
      return { step, ...part, ...(times && { times }) };
    });
    const last = reported.pop()!;
    const before = reported.map(({ step: _, ...part }) => part);
    const { gradient } = parts.at(-1)!;
    this.#send(
      { kind: 'contribution', ...scope, ...last, ...(before.length > 0 && { before }) },
      gradient === null ? {} : { gradient },
    );
  }

  #ready(): { built: Built; assigned: Assigned } {
    if (this.#built === null || this.#assigned === null) throw ordersTooEarly();
    return { built: this.#built, assigned: this.#assigned };
  }

  /** Work that is halted is given up; the coordinator knows. */
  #enqueue(work: () => Promise<void> | void): void {
    this.#work = this.#work.then(async () => {
      if (this.#failure !== null) return;
      try {
        await work();
      } catch (thrown) {
        if (!(thrown instanceof Halted)) this.#fail(toLockstepError(thrown));
      }
    });
  }

  /** This rank cannot go on: the coordinator hears why, and the receive loop ends. */
  #fail(error: LockstepError): void {
    if (this.#failure !== null) return;
    this.#report(error);
    void this.options.link.close();
  }

  #report(error: LockstepError): void {
    this.#failure = error;
    if (this.#welcome === null) return;
    const { code, message, hint } = error;
    this.#send({
      kind: 'failed',
      ...this.#scope(),
      code,
      message,
      ...(hint === undefined ? {} : { hint }),
    });
  }

  #onSilence(limitMs: number): void {
    const seconds = limitMs / 1000;
    const isUnanswered = this.#welcome === null;
    this.#failure ??= unreachable(
      isUnanswered
        ? `no coordinator answered within ${seconds} s`
        : `the coordinator was silent for ${seconds} s`,
    );
    // A hello that leaves after that would be welcomed, and nobody is there any more.
    void this.options.link.close(isUnanswered ? 0 : undefined);
  }

  #send(header: WorkerHeader, tensors: Tensors = {}): void {
    this.options.link.send(encode(header, tensors)).catch((thrown: unknown) => {
      this.#failure ??= toLockstepError(thrown, 'COORDINATOR_UNREACHABLE');
    });
  }

  #scope(): { run: string; generation: number } {
    const welcome = this.#welcome;
    if (welcome === null) throw new LockstepError('PROTOCOL_VIOLATION', 'no welcome has arrived');
    return { run: welcome.run, generation: this.#assigned?.generation ?? welcome.generation };
  }
}

/** Whether ranks look for NaN themselves; else the coordinator does, in the loss. */
const isGuarded = ({ onNaN }: Header<'welcome'>): boolean => onNaN !== 'stop';

const ordersTooEarly = (): LockstepError =>
  new LockstepError('PROTOCOL_VIOLATION', 'the coordinator gave orders before it gave a rank');

const anotherStep = (ordered: number, held: number): LockstepError =>
  new LockstepError(
    'PROTOCOL_VIOLATION',
    `the coordinator ordered to train from step ${ordered} on, and the weights here are those of step ${held}`,
  );

const unreachable = (message: string): LockstepError =>
  new LockstepError('COORDINATOR_UNREACHABLE', message, {
    hint: 'Check the address given with --connect, that the coordinator runs, and that no firewall is between.',
  });

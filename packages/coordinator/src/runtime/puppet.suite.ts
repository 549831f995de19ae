import { globalSlice, type Range, rankSlice } from '@lockstep/core/data';
import {
  type CoordinatorHeader,
  decode,
  encode,
  type Header,
  type Tensors,
  type WorkerHeader,
} from '@lockstep/core/protocol';
import type { Frames, Link } from '@lockstep/core/transport';
import { hello } from '../machine/rehearsal.suite.js';

/** Weights of its model. */
const length = 10;

/** Says over a real link what a worker says, as fast as it is asked, and computes nothing. */
export class Puppet {
  /** Steps that the coordinator has completed. */
  steps = 0;
  readonly ended: Promise<CoordinatorHeader>;
  #welcome: Header<'welcome'> | null = null;
  #assigned: Header<'assign'> | null = null;
  #epoch: Range = { begin: 0, end: 0 };

  constructor(private readonly link: Link) {
    this.ended = this.#live();
    this.say(hello());
  }

  say(header: WorkerHeader, tensors: Tensors = {}): void {
    this.sayFrames(encode(header, tensors));
  }

  sayFrames(frames: Frames): void {
    // Where the coordinator has ended, `ended` tells.
    this.link.send(frames).catch(() => undefined);
  }

  /** Resolves when so many steps are complete. */
  async trained(steps: number): Promise<void> {
    while (this.steps < steps) await new Promise(setImmediate);
  }

  async #live(): Promise<CoordinatorHeader> {
    for await (const frames of this.link.receive()) {
      const { header } = decode(frames, 'coordinator');
      if (header.kind === 'stop' || header.kind === 'refuse') return header;
      this.#obey(header);
    }
    throw new Error('the coordinator went without a word');
  }

  get scope() {
    return { run: this.#welcome!.run, generation: this.#assigned?.generation ?? 1 };
  }

  #obey(order: Exclude<CoordinatorHeader, { kind: 'stop' | 'refuse' }>): void {
    switch (order.kind) {
      case 'welcome':
        this.#welcome = order;
        this.#beReady();
        return;
      case 'assign':
        this.#assigned = order;
        return;
      case 'link': {
        const { request, measure } = order;
        const milliseconds = measure ? 1 : null;
        this.say({ kind: 'linked', ...this.scope, request, milliseconds, failure: null });
        return;
      }
      case 'send-state': {
        const { request } = order;
        const iterations = this.steps;
        const weights = new Float32Array(length);
        this.say({ kind: 'state', ...this.scope, request, iterations }, { weights });
        return;
      }
      case 'load-state':
      case 'send-hash': {
        const { request } = order;
        this.say({ kind: 'hash', ...this.scope, request, weightsSha256: 'e'.repeat(64) });
        return;
      }
      case 'train': {
        const { dataset } = this.#welcome!;
        this.steps = order.step;
        this.#epoch = { begin: order.position, end: dataset.trainSize };
        this.#contribute();
        return;
      }
      case 'averaged':
        this.steps = order.step + 1;
        this.#epoch = { ...this.#epoch, begin: this.#epoch.begin + this.#welcome!.batchSize };
        if (order.proceed) this.#contribute();
        return;
      case 'evaluate': {
        const { request, range } = order;
        const count = range.end - range.begin;
        const metrics = { loss: { sum: count, count } };
        this.say({ kind: 'evaluated', ...this.scope, request, metrics });
        return;
      }
      case 'ping': {
        const { askedAt } = order;
        const step = this.steps;
        const answer = { step, waitingFor: [], askedAt, answeredAt: askedAt };
        this.say({ kind: 'pong', ...this.scope, ...answer });
        return;
      }
      default:
        return;
    }
  }

  #beReady(): void {
    this.say({
      kind: 'ready',
      ...this.scope,
      modelHash: 'a'.repeat(64),
      parameters: [{ name: 'w', shape: [length], trainable: true }],
      samples: 'local',
      peer: null,
      holds: null,
    });
  }

  /** Its part of the step under way. */
  #contribute(): void {
    const { batchSize } = this.#welcome!;
    const { rank, worldSize } = this.#assigned!;
    const slice = globalSlice(this.#epoch.begin, this.#epoch.end, batchSize);
    const own = rankSlice(slice, rank, worldSize);
    const samples = own.end - own.begin;
    const metrics = { loss: { sum: samples, count: samples } };
    this.say({ kind: 'contribution', ...this.scope, step: this.steps, samples, metrics });
  }
}

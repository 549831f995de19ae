import type { Occurrence } from '../time/eventQueue.js';
import type { Core, Work } from './core.js';
import type { Conditions, Endpoint } from './endpoint.js';

/** Is told that a message is there; what it does about it, it spends on the endpoint's core. */
export interface Receiver {
  receive(): void;
}

const copied = 0;
const headArrived = 1;
const allArrived = 2;

/** One message on its way: an object that is scheduled again at each stage, as there are millions of them. */
export class Flight implements Occurrence, Work {
  #stage = copied;

  constructor(
    private readonly conditions: Conditions,
    private readonly from: Endpoint,
    private readonly to: Endpoint,
    private readonly bytes: number,
    private readonly receiver: Receiver,
  ) {}

  /** The sender's core copies it. Whatever else would use the adapter before that is done, goes first. */
  leave(): void {
    const { conditions, from, bytes } = this;
    from.core.spend((conditions.send + bytes * conditions.copy) * from.slowness);
    const { time } = from.core;
    if (from.host.isShared && time > conditions.clock.now) conditions.clock.schedule(time, this);
    else this.#depart(time);
  }

  happen(): void {
    const { now } = this.conditions.clock;
    if (this.#stage === copied) this.#depart(now);
    else if (this.#stage === headArrived) this.#enter(now);
    else this.to.core.give(this);
  }

  perform(core: Core): void {
    const { conditions, from, to, bytes } = this;
    conditions.observer?.(core.time, from.index, to.index, bytes);
    core.spend((conditions.receive + bytes * conditions.copy) * to.slowness);
    this.receiver.receive();
  }

  #depart(time: number): void {
    const { conditions, from, to, bytes } = this;
    if (from.host === to.host) {
      const { memory } = from.host;
      const end = memory.begin(time, bytes) + memory.duration(bytes);
      this.#schedule(allArrived, end + conditions.latencyWithinHost);
    } else {
      const head = from.host.out.begin(time, bytes) + conditions.latency;
      this.#schedule(headArrived, conditions.delay === null ? head : this.#inOrder(head));
    }
  }

  /** A delayed message delays those behind it on its connection. */
  #inOrder(head: number): number {
    const { lastArrivals } = this.to;
    const delayed = head + this.conditions.delay!();
    const arrival = Math.max(delayed, lastArrivals.get(this.from.index) ?? 0);
    lastArrivals.set(this.from.index, arrival);
    return arrival;
  }

  #enter(time: number): void {
    const { in: adapter } = this.to.host;
    const end = adapter.begin(time, this.bytes) + adapter.duration(this.bytes);
    this.#schedule(allArrived, end);
  }

  #schedule(stage: number, time: number): void {
    this.#stage = stage;
    this.conditions.clock.schedule(time, this);
  }
}

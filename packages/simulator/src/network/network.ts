import { LockstepError } from '@lockstep/core';
import { Random } from '@lockstep/core/data';
import type { VirtualTime } from '../time/virtualTime.js';
import { Channel } from './channel.js';
import { Core } from './core.js';
import type { NetworkDescription } from './description.js';
import type { Conditions, Endpoint, Host, Observer } from './endpoint.js';
import { Flight, type Receiver } from './flight.js';
import { delayOf } from './jitter.js';
import { bitsPerByte, giga, micro } from './units.js';

export interface NetworkOptions {
  readonly ranks: number;
  /** Of the jitter. */
  readonly seed: number;
  readonly observer?: Observer;
}

/**
 * Hosts, each with an adapter, all at the same distance from each other (a switch that is never the bottleneck).
 *
 * A message is copied by its sender's core, waits for the adapter's way out, where messages pass one after the
 * other, and cuts through the network: its head is at the other adapter after the latency, while its tail is
 * still on the way out, and what has got there before passes before it. When all of it is there, it waits for
 * the receiver's core, which copies it. Between ranks of a host the host's memory takes the place of both
 * adapters. Nothing is lost, and connections keep the order of their messages.
 */
export class Network {
  /** The ranks from 0; behind them the coordinator, on a host of its own. */
  readonly endpoints: readonly Endpoint[];
  readonly #conditions: Conditions;
  #messages = 0;

  constructor(
    readonly clock: VirtualTime,
    readonly description: NetworkDescription,
    { ranks, seed, observer }: NetworkOptions,
  ) {
    const { link, host, processor } = description;
    this.#conditions = {
      clock,
      send: processor.sendMicroseconds * micro,
      receive: processor.receiveMicroseconds * micro,
      copy: 1 / (processor.copyGigabytesPerSecond * giga),
      latency: link.latencyMicroseconds * micro,
      latencyWithinHost: host.latencyMicroseconds * micro,
      delay: delayOf(link.jitter, Random.from('jitter', seed)),
      observer: observer ?? null,
    };
    this.endpoints = makeEndpoints(clock, description, ranks);
  }

  /** How many messages were sent so far. */
  get messages(): number {
    return this.#messages;
  }

  /** From what the sender's core does now. The receiver's core is at work when `receiver` is told. */
  send(from: number, to: number, bytes: number, receiver: Receiver): void {
    if (from === to) throw new LockstepError('INTERNAL', `endpoint ${from} sends to itself`);
    this.#messages += 1;
    const [sender, recipient] = [this.endpoints[from]!, this.endpoints[to]!];
    new Flight(this.#conditions, sender, recipient, bytes, receiver).leave();
  }
}

function makeEndpoints(
  clock: VirtualTime,
  { link, host, slow }: NetworkDescription,
  ranks: number,
): Endpoint[] {
  const linkPerByte = bitsPerByte / (link.gigabitsPerSecond * giga * link.payloadShare);
  const memoryPerByte = 1 / (host.memoryGigabytesPerSecond * giga);
  const makeHost = (isShared: boolean): Host => ({
    out: new Channel(linkPerByte),
    in: new Channel(linkPerByte),
    memory: new Channel(memoryPerByte),
    isShared,
  });
  const slowness = new Map(slow.flatMap(({ ranks, times }) => ranks.map((rank) => [rank, times])));
  const endpoint = (index: number, its: Host, core: Core, sharers: number): Endpoint => ({
    index,
    host: its,
    core,
    sharers,
    slowness: index < ranks ? (slowness.get(index) ?? 1) : 1,
    lastArrivals: new Map(),
  });
  const endpoints: Endpoint[] = [];
  for (let first = 0; first < ranks; first += host.ranks) {
    const count = Math.min(host.ranks, ranks - first);
    const its = makeHost(count > 1);
    const cores = Array.from({ length: host.cores ?? count }, () => new Core(clock));
    for (let i = 0; i < count; i++) {
      const core = i % cores.length;
      const sharers = Math.ceil((count - core) / cores.length);
      endpoints.push(endpoint(first + i, its, cores[core]!, sharers));
    }
  }
  return [...endpoints, endpoint(ranks, makeHost(false), new Core(clock), 1)];
}

import type { VirtualTime } from '../time/virtualTime.js';
import type { Channel } from './channel.js';
import type { Core } from './core.js';
import type { Delay } from './jitter.js';

/** A machine with an adapter to the network, and memory through which its ranks talk to each other. */
export interface Host {
  readonly out: Channel;
  readonly in: Channel;
  readonly memory: Channel;
  /** Whether several ranks use its adapter. */
  readonly isShared: boolean;
}

/** A rank, or the coordinator, as something that sends and receives. */
export interface Endpoint {
  readonly index: number;
  readonly host: Host;
  readonly core: Core;
  /** How many times as long as others it takes for what it does. */
  readonly slowness: number;
  /** Ranks on its core, itself among them. */
  readonly sharers: number;
  /** When the last message from each other endpoint got here: connections keep the order of what they carry. */
  readonly lastArrivals: Map<number, number>;
}

/** Something that is told of each message when its receiver's core takes it up; for traces. */
export type Observer = (time: number, from: number, to: number, bytes: number) => void;

/** What all messages have in common. Seconds, and seconds for each byte. */
export interface Conditions {
  readonly clock: VirtualTime;
  readonly send: number;
  readonly receive: number;
  readonly copy: number;
  readonly latency: number;
  readonly latencyWithinHost: number;
  readonly delay: Delay | null;
  readonly observer: Observer | null;
}

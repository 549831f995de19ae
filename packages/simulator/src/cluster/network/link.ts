import { LockstepError } from '@lockstep/core';
import { type Frames, type Link, Mailbox, requireFrames } from '@lockstep/core/transport';
import type { Possession, SimulatedProcess } from '../world/process.js';
import { Connection, type End } from './connection.js';
import type { SimulatedNetwork } from './network.js';

/** Before a connection is made again, and the longest that this grows to: as our ZeroMQ has it. */
const firstPauseMs = 50;
const longestPauseMs = 1_000;

interface Settings {
  readonly address: string;
  readonly lingerMs: number;
  /** As ZeroMQ does; plain TCP does not, and what it receives ends with its connection. */
  readonly reconnects: boolean;
}

/** The end that goes to a listener, as ZeroMQ's DEALER has it: it may wait for one, and comes back by itself. */
export class SimulatedLink implements Link, Possession, End {
  readonly #inbox = new Mailbox<Frames>();
  readonly #peer: string;
  /** What waits for a connection. */
  #outbox: Frames[] = [];
  #connection: Connection | null = null;
  #pauseMs = firstPauseMs;
  #closed: Promise<void> | null = null;

  constructor(
    private readonly network: SimulatedNetwork,
    readonly process: SimulatedProcess,
    private readonly settings: Settings,
  ) {
    this.#peer = network.nextPeer(process);
    process.possessions.add(this);
    this.#connectLater(network.drawLatency());
  }

  get name(): string {
    return `a link to ${this.settings.address}`;
  }

  async send(frames: Frames): Promise<void> {
    requireFrames(frames);
    if (this.#closed !== null) {
      throw new LockstepError(
        'COORDINATOR_UNREACHABLE',
        `the link to ${this.settings.address} is closed`,
        { hint: 'Connect again before sending.' },
      );
    }
    if (this.#connection === null) this.#outbox.push(frames);
    else this.#connection.transmit('up', frames);
  }

  receive(): AsyncIterable<Frames> {
    return this.#inbox;
  }

  arrived(frames: Frames): void {
    this.#inbox.push(frames);
  }

  disconnected(): void {
    this.#connection = null;
    if (this.settings.reconnects) this.#connectLater(firstPauseMs + this.network.drawLatency());
    else this.#finish();
  }

  close(lingerMs = this.settings.lingerMs): Promise<void> {
    this.network.forgetPeer(this.#peer);
    this.#closed ??= this.#leave(lingerMs);
    return this.#closed;
  }

  drop(): void {
    this.process.possessions.delete(this);
  }

  /** Nothing more is to come; whoever reads hears so. */
  #finish(): void {
    this.#inbox.discard();
    this.drop();
    this.#closed ??= Promise.resolve();
  }

  async #leave(lingerMs: number): Promise<void> {
    this.#inbox.discard();
    const { world } = this.network;
    const latest = world.now + lingerMs;
    if (this.#connection === null && this.#outbox.length > 0) await this.#until(latest);
    const connection = this.#connection as Connection | null;
    if (connection !== null) {
      const gone = Math.min(latest, connection.arrivalOf('up'));
      // The last message arrives before the connection ends.
      connection.end(gone + 1, { link: 0, listener: 0 });
      await this.#until(gone);
    }
    this.#outbox = [];
    this.drop();
  }

  #until(time: number): Promise<void> {
    return new Promise((resolve) => void this.network.world.at(time, this.process, resolve));
  }

  #connectLater(milliseconds: number): void {
    this.network.world.after(milliseconds, this.process, () => this.#connect());
  }

  #connect(): void {
    const { network, process, settings } = this;
    if (!process.possessions.has(this)) return;
    const listener = network.reach(process.host, settings.address);
    if (listener === null && !settings.reconnects) {
      this.#finish();
      return;
    }
    if (listener === null) {
      this.#pauseMs = Math.min(longestPauseMs, 2 * this.#pauseMs);
      this.#connectLater(this.#pauseMs);
      return;
    }
    this.#pauseMs = firstPauseMs;
    const end = listener.endFor(this.#peer);
    const connection = new Connection(network, this, end);
    end.connected(connection);
    network.remember(connection);
    this.#connection = connection;
    for (const frames of this.#outbox.splice(0)) connection.transmit('up', frames);
  }
}

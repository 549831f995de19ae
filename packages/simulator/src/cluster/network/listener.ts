import {
  type Frames,
  type Listener,
  Mailbox,
  PeerUnreachable,
  requireFrames,
} from '@lockstep/core/transport';
import type { Possession, SimulatedProcess } from '../world/process.js';
import type { Connection, End } from './connection.js';
import type { SimulatedNetwork } from './network.js';

/** The end that many links come to, as ZeroMQ's ROUTER has it. */
export class SimulatedListener implements Listener, Possession {
  readonly #inbox = new Mailbox<{ peer: string; frames: Frames }>();
  readonly #connections = new Map<string, Connection>();

  constructor(
    private readonly network: SimulatedNetwork,
    readonly process: SimulatedProcess,
    readonly address: string,
    private readonly lingerMs: number,
  ) {
    network.open(address, this);
    process.possessions.add(this);
  }

  get name(): string {
    return `a listener on ${this.address}`;
  }

  /** A link has come, for the first time or again: then it is the same peer. */
  endFor(peer: string): End & { connected(connection: Connection): void } {
    let own: Connection | null = null;
    return {
      process: this.process,
      connected: (connection) => {
        own = connection;
        this.#connections.set(peer, connection);
      },
      arrived: (frames) => this.#inbox.push({ peer, frames }),
      disconnected: () => {
        if (this.#connections.get(peer) === own) this.#connections.delete(peer);
      },
    };
  }

  async send(peer: string, frames: Frames): Promise<void> {
    requireFrames(frames);
    const connection = this.#connections.get(peer);
    if (connection === undefined) throw new PeerUnreachable(peer);
    connection.transmit('down', frames);
  }

  receive(): AsyncIterable<{ peer: string; frames: Frames }> {
    return this.#inbox;
  }

  async close(): Promise<void> {
    if (this.#inbox.ended) return;
    this.#inbox.discard();
    this.drop();
    const { world } = this.network;
    const latest = world.now + this.lingerMs;
    const leaving = [...this.#connections.values()].map((connection) => {
      const arrival = Math.min(latest, connection.arrivalOf('down'));
      // The last message arrives as the connection ends.
      connection.end(arrival + 1, { link: 0, listener: 0 });
      return arrival;
    });
    this.#connections.clear();
    const gone = Math.max(world.now, ...leaving);
    await new Promise<void>((resolve) => void world.at(gone, this.process, resolve));
  }

  drop(): void {
    this.network.close(this.address, this);
    this.process.possessions.delete(this);
  }
}

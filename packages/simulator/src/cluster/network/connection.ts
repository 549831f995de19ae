import type { Frames } from '@lockstep/core/transport';
import type { SimulatedProcess } from '../world/process.js';
import type { SimulatedNetwork } from './network.js';

export type Direction = 'up' | 'down';

/** One end of a connection. */
export interface End {
  readonly process: SimulatedProcess;
  arrived(frames: Frames): void;
  /** The connection is gone. */
  disconnected(): void;
}

/**
 * One connection from a link (below) to a listener (above), as TCP has it: what is sent arrives in order, or the
 * connection is lost with all that was under way.
 */
export class Connection {
  readonly #lastArrival = { up: 0, down: 0 };
  /** What waits for a way that is blocked. */
  readonly #stalled: Record<Direction, Frames[]> = { up: [], down: [] };
  /** Nothing arrives from then on. */
  #endsAt = Number.POSITIVE_INFINITY;

  constructor(
    private readonly network: SimulatedNetwork,
    readonly link: End,
    readonly listener: End,
  ) {}

  get isOpen(): boolean {
    return this.#endsAt === Number.POSITIVE_INFINITY;
  }

  /** Where what goes in a direction comes from, and where it goes to. */
  ends(direction: Direction): { readonly from: End; readonly to: End } {
    const { link, listener } = this;
    return direction === 'up' ? { from: link, to: listener } : { from: listener, to: link };
  }

  concerns(process: SimulatedProcess): boolean {
    return this.link.process === process || this.listener.process === process;
  }

  transmit(direction: Direction, frames: Frames): void {
    if (!this.isOpen) return;
    const { from, to } = this.ends(direction);
    const { network } = this;
    const sent = network.conditions.readsLate ? frames : copyOf(frames);
    if (network.isBlocked(from.process.host, to.process.host)) {
      this.#stalled[direction].push(sent);
      return;
    }
    const times = network.isDuplicated(this) ? 2 : 1;
    for (let i = 0; i < times; i++) this.#carry(direction, sent);
  }

  /** The way is free again. */
  flush(): void {
    for (const direction of ['up', 'down'] as const) {
      const { from, to } = this.ends(direction);
      if (this.network.isBlocked(from.process.host, to.process.host)) continue;
      for (const frames of this.#stalled[direction].splice(0)) this.#carry(direction, frames);
    }
  }

  /** When what was sent in this direction has arrived, as far as it is under way. */
  arrivalOf(direction: Direction): number {
    return Math.max(this.network.world.now, this.#lastArrival[direction]);
  }

  /**
   * Ends it at a moment: what would arrive later is lost.
   *
   * @param noticedMs later each end hears of it
   */
  end(at: number, noticedMs: { readonly link: number; readonly listener: number }): void {
    if (!this.isOpen) return;
    const { world } = this.network;
    this.#endsAt = Math.max(at, world.now);
    this.network.forget(this);
    for (const side of ['link', 'listener'] as const) {
      const end = this[side];
      world.at(this.#endsAt + noticedMs[side], end.process, () => end.disconnected());
    }
  }

  #carry(direction: Direction, frames: Frames): void {
    const { network } = this;
    const { to } = this.ends(direction);
    const bytes = frames.reduce((sum, frame) => sum + frame.length, 0);
    const transfer = bytes / network.conditions.bytesPerMs;
    const before = this.#lastArrival[direction];
    const direct = network.world.now + network.drawLatency() + transfer;
    const inOrder = Math.max(before + transfer, direct);
    const delay = network.drawDelay(this);
    if (delay === null) this.#lastArrival[direction] = inOrder;
    network.world.at(inOrder + (delay ?? 0), null, () => {
      if (network.world.now >= this.#endsAt) return;
      const received = network.conditions.readsLate ? copyOf(frames) : frames;
      // It is there to be read, however late its reader is.
      network.world.deliver(to.process, () => {
        to.arrived(received);
        network.onMessage();
      });
    });
  }
}

/** As from a socket: memory of their own, which begins anywhere. */
function copyOf(frames: Frames): Frames {
  return frames.map((frame) => {
    const room = new Uint8Array(frame.length + 1);
    room.set(frame, 1);
    return room.subarray(1);
  });
}

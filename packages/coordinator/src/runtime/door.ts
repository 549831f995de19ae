import type { Frames } from '@lockstep/core/transport';

/** A `hello` is a header of some hundred bytes, and a checksum. */
const longestHello = 16 * 1024;
/** Messages of a stranger that are read. A worker's first one makes it a member. */
const patience = 20;
/** Strangers whose count is kept: the last ones that came. */
const remembered = 10_000;

/**
 * What to do with a message of a stranger. `read`: it may be a hello. `tell`: that nobody counts on it, unread: a worker
 * that was let go may well begin with a gradient, and whatever else it is, it is no hello.
 */
type Knock = 'read' | 'tell' | 'ignore';

/**
 * Who may come to the coordinator's port: anybody. What strangers send costs a look at their count and at the length of
 * what they sent, or less than a `hello` does; and nobody is answered twice, so that no answers pile up for one who
 * does not read them.
 *
 * A worker that was let go, or that knew an earlier coordinator at this address, is told so once, too: it says `hello` on
 * a new connection.
 */
export class Door {
  /** How many more messages are read, by stranger. */
  readonly #left = new Map<string, number>();

  knock(peer: string, frames: Frames): Knock {
    const left = this.#left.get(peer) ?? patience;
    if (left === 0) return 'ignore';
    this.#keep(peer, left - 1);
    const bytes = frames.reduce((sum, frame) => sum + frame.byteLength, 0);
    const mayBeHello = frames.length > 0 && frames.length <= 2 && bytes <= longestHello;
    return mayBeHello ? 'read' : 'tell';
  }

  /** It was refused: nothing that it says later is read. */
  turnAway(peer: string): void {
    this.#keep(peer, 0);
  }

  #keep(peer: string, left: number): void {
    // Those that come last stand last.
    this.#left.delete(peer);
    this.#left.set(peer, left);
    if (this.#left.size <= remembered) return;
    const [longestAgo] = this.#left.keys();
    this.#left.delete(longestAgo!);
  }
}

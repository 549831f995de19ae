import type { Socket } from 'node:net';
import type { Lane } from './lane.js';

/** What a worker said to the proxy, and what the proxy says to the coordinator for it. */
export class Connection {
  peer = { pid: -1, rank: -1 };
  readonly #ends: readonly Socket[];

  constructor(
    private readonly near: Socket,
    private readonly far: Socket,
  ) {
    this.#ends = [near, far];
  }

  begin(lanes: { readonly worker: Lane; readonly coordinator: Lane }): void {
    for (const [socket, lane] of [
      [this.near, lanes.worker],
      [this.far, lanes.coordinator],
    ] as const) {
      socket.setNoDelay(true);
      socket.on('data', (chunk) => lane.push(chunk));
      socket.on('end', () => lane.end());
      // Of a process that was killed, or a coordinator that is not there: the other end shall see it, too.
      socket.on('error', () => this.cut());
    }
  }

  cut(): void {
    for (const socket of this.#ends) socket.destroy();
  }

  /** Nothing comes in, and nothing goes out: neither end notices. */
  pause(): void {
    for (const socket of this.#ends) {
      socket.pause();
      socket.cork();
    }
  }

  resume(): void {
    for (const socket of this.#ends) {
      socket.uncork();
      socket.resume();
    }
  }
}

import type { Router } from 'zeromq';
import { requireFrames } from './frames.js';
import { type Frames, type Listener, PeerUnreachable } from './transport.js';
import { closeSocket, messagesOf } from './zeromqClose.js';

/**
 * The coordinator's end: a ROUTER. A peer's id is its ZeroMQ identity in hexadecimal: identities are
 * bytes that the peer chooses, and a stranger's may be anything.
 */
export class ZeromqListener implements Listener {
  readonly address: string;
  readonly #socket: Router;
  readonly #lingerMs: number;
  #closing: Promise<void> | undefined;

  constructor(socket: Router, address: string, lingerMs: number) {
    this.#socket = socket;
    this.address = address;
    this.#lingerMs = lingerMs;
  }

  async send(peer: string, frames: Frames): Promise<void> {
    requireFrames(frames);
    const identity = Buffer.from(peer, 'hex');
    // Buffer.from stops at the first character that is not hexadecimal: what is left may be a peer's id.
    const known = identity.toString('hex') === peer && !this.#socket.closed;
    if (!known) throw new PeerUnreachable(peer);
    try {
      await this.#socket.send([identity, ...frames]);
    } catch (thrown) {
      if (isUnreachable(thrown)) throw new PeerUnreachable(peer);
      throw thrown;
    }
  }

  async *receive(): AsyncGenerator<{ peer: string; frames: Frames }> {
    for await (const [identity, ...frames] of messagesOf(this.#socket)) {
      if (identity !== undefined) yield { peer: identity.toString('hex'), frames };
    }
  }

  close(): Promise<void> {
    this.#closing ??= closeSocket(this.#socket, this.#lingerMs);
    return this.#closing;
  }
}

function isUnreachable(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === 'EHOSTUNREACH';
}

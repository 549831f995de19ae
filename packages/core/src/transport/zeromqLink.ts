import type { Dealer } from 'zeromq';
import { LockstepError } from '../errors.js';
import { requireFrames } from './frames.js';
import type { Frames, Link } from './transport.js';
import { closeSocket, messagesOf } from './zeromqClose.js';

/** The worker's end: a DEALER with one connection, which ZeroMQ makes again whenever it is lost. */
export class ZeromqLink implements Link {
  readonly #socket: Dealer;
  readonly #address: string;
  readonly #lingerMs: number;
  #closing: Promise<void> | undefined;

  constructor(socket: Dealer, address: string, lingerMs: number) {
    this.#socket = socket;
    this.#address = address;
    this.#lingerMs = lingerMs;
  }

  async send(frames: Frames): Promise<void> {
    requireFrames(frames);
    if (this.#socket.closed) {
      throw new LockstepError('COORDINATOR_UNREACHABLE', `the link to ${this.#address} is closed`, {
        hint: 'Connect again before sending.',
      });
    }
    try {
      await this.#socket.send(frames);
    } catch (thrown) {
      // The queue has no limit, so EAGAIN means that ZeroMQ has given the connection up for good.
      throw new LockstepError(
        'COORDINATOR_UNREACHABLE',
        `the connection to ${this.#address} was given up: what came from there cannot be read`,
        {
          hint: 'Check that a coordinator listens there, and that both ends allow frames of one size.',
          cause: thrown,
        },
      );
    }
  }

  async *receive(): AsyncGenerator<Frames> {
    for await (const frames of messagesOf(this.#socket)) yield frames;
  }

  close(lingerMs = this.#lingerMs): Promise<void> {
    this.#closing ??= closeSocket(this.#socket, lingerMs);
    return this.#closing;
  }
}

import type { Socket } from 'node:net';
import { type Unit, ZmtpReader } from './zmtp.js';

type Message = Extract<Unit, { unit: 'message' }>;

export interface LaneOptions {
  readonly to: Socket;
  readonly onCommand: (command: Extract<Unit, { unit: 'command' }>) => void;
  /** Resolves when the next message may have its turn. */
  readonly onMessage: (message: Message, lane: Lane) => Promise<void>;
}

/**
 * One direction of a connection. Messages keep their order, however long one of them is held; ZeroMQ's own commands
 * overtake those, so that a message which is late does not look like a connection that is dead.
 */
export class Lane {
  readonly #reader = new ZmtpReader();
  #work: Promise<void> = Promise.resolve();
  /** Written as soon as another message was. */
  #overtaken: Buffer | null = null;

  constructor(private readonly options: LaneOptions) {}

  push(chunk: Buffer): void {
    for (const unit of this.#reader.push(chunk)) {
      if (unit.unit === 'command') this.options.onCommand(unit);
      if (unit.unit !== 'message') this.#send(unit.bytes);
      else this.#work = this.#work.then(() => this.options.onMessage(unit, this));
    }
  }

  /** Resolves when the system has taken it. */
  async write(bytes: Buffer): Promise<void> {
    const overtaken = this.#overtaken;
    this.#overtaken = null;
    await this.#send(bytes);
    if (overtaken !== null) await this.#send(overtaken);
  }

  /** Lets the next message go first. */
  letOvertake(bytes: Buffer): void {
    this.#overtaken = bytes;
  }

  /** The sender has closed its end, and so do we when what it said before has passed. */
  end(): void {
    void this.#work.then(() => this.options.to.end());
  }

  #send(bytes: Buffer): Promise<void> {
    const { to } = this.options;
    return new Promise((resolve) => {
      if (to.destroyed || to.writableEnded) resolve();
      else to.write(bytes, () => resolve());
    });
  }
}

import { LockstepError } from '../../errors.js';
import { longestChannel } from './admission.js';
import { type FrameHeader, frame, frameKinds } from './frameHeader.js';
import type { Meeting } from './meeting.js';
import type { FrameSink, PeerConnection, Wire } from './wire.js';

/** One try of a rank to be let in by another one. */
export class Introduction implements FrameSink {
  #isWelcome = false;
  /** Tells whether this rank was let in. */
  #answer: (isWelcome: boolean) => void = () => undefined;
  readonly #answered = new Promise<boolean>((resolve) => {
    this.#answer = resolve;
  });

  constructor(
    private readonly meeting: Meeting,
    private readonly sink: FrameSink,
  ) {}

  /** @returns null when it was not let in, or `signal` was given first */
  async over(wire: Wire, address: string, signal: AbortSignal): Promise<PeerConnection | null> {
    const giveUp = (): void => this.#answer(false);
    signal.addEventListener('abort', giveUp);
    if (signal.aborted) giveUp();
    try {
      const connection = await wire.connect(address, this);
      this.#sayHello(connection);
      if (await this.#answered) return connection;
      await connection.close();
      return null;
    } catch (thrown) {
      // Over memory: nobody listens there yet.
      if (thrown instanceof LockstepError && thrown.code === 'COORDINATOR_UNREACHABLE') return null;
      throw thrown;
    } finally {
      signal.removeEventListener('abort', giveUp);
    }
  }

  place(header: FrameHeader): Uint8Array | null {
    return this.#isWelcome ? this.sink.place(header) : null;
  }

  received(header: FrameHeader, payload: Uint8Array | null): void {
    if (this.#isWelcome) this.sink.received(header, payload);
    else if (header.kind === frameKinds.welcome) {
      this.#isWelcome = true;
      this.#answer(true);
    } else this.#answer(false);
  }

  lost(): void {
    if (this.#isWelcome) this.sink.lost();
    else this.#answer(false);
  }

  #sayHello(connection: PeerConnection): void {
    const { channel, from, to } = this.meeting;
    const name = new TextEncoder().encode(channel);
    if (name.length === 0 || name.length > longestChannel) {
      throw new LockstepError('INTERNAL', `a channel may not have a name of ${name.length} bytes`);
    }
    connection.send(frame(frameKinds.hello, { slice: from, chunk: to, bytes: name.length }), name);
  }
}

import { LockstepError } from '../../errors.js';
import { type FrameHeader, frame, frameKinds } from './frameHeader.js';
import type { Meeting } from './meeting.js';
import type { FrameSink, PeerConnection } from './wire.js';

/** How long a stranger may take to say who it is. */
const helloMs = 5_000;
/** Strangers at a time: where more come, the one that has said nothing for longest goes. A rank speaks at once. */
const mostStrangers = 200;
/** The longest name of a channel, in bytes: nobody unknown makes us keep more. */
export const longestChannel = 512;

interface Expected {
  readonly sink: FrameSink;
  readonly admit: (connection: PeerConnection) => void;
}

/** Who may come in: the ranks that are waited for, by channel. */
export class Admission {
  readonly #expected = new Map<string, Expected>();
  /** In the order in which they came. */
  readonly #strangers = new Set<Guest>();

  /** @returns null when `signal` has ended the wait */
  await(meeting: Meeting, sink: FrameSink, signal: AbortSignal): Promise<PeerConnection | null> {
    const key = keyOf(meeting);
    if (this.#expected.has(key)) {
      throw new LockstepError(
        'INTERNAL',
        `rank ${meeting.to} waits for rank ${meeting.from} twice on one channel`,
      );
    }
    return new Promise((resolve) => {
      const end = (connection: PeerConnection | null): void => {
        this.#expected.delete(key);
        signal.removeEventListener('abort', giveUp);
        resolve(connection);
      };
      const giveUp = (): void => end(null);
      this.#expected.set(key, { sink, admit: end });
      signal.addEventListener('abort', giveUp);
      if (signal.aborted) giveUp();
    });
  }

  /** Somebody has connected. */
  receive(connection: PeerConnection): FrameSink {
    const guest = new Guest(connection, {
      find: (meeting) => this.#expected.get(keyOf(meeting)),
      known: () => this.#strangers.delete(guest),
    });
    this.#strangers.add(guest);
    if (this.#strangers.size > mostStrangers) {
      const [longest] = this.#strangers;
      longest?.dismiss();
    }
    return guest;
  }
}

const keyOf = ({ channel, from, to }: Meeting): string => `${from} ${to} ${channel}`;

/** What a guest is to its host. */
interface Host {
  find(meeting: Meeting): Expected | undefined;
  /** It is no stranger any more: it was let in, or is gone. */
  known(): void;
}

/** A connection that came in: a stranger until it has said a word that was waited for. */
class Guest implements FrameSink {
  #sink: FrameSink | null = null;
  /** What still comes, until the other end hangs up too, is skipped. */
  #isDismissed = false;
  readonly #patience: NodeJS.Timeout;

  constructor(
    private readonly connection: PeerConnection,
    private readonly host: Host,
  ) {
    this.#patience = setTimeout(() => this.dismiss(), helloMs).unref();
  }

  place(header: FrameHeader): Uint8Array | null {
    if (this.#sink !== null) return this.#sink.place(header);
    if (this.#isDismissed) return null;
    if (header.kind === frameKinds.hello && header.bytes <= longestChannel) {
      return new Uint8Array(header.bytes);
    }
    this.dismiss();
    return null;
  }

  received(header: FrameHeader, payload: Uint8Array | null): void {
    if (this.#sink !== null) {
      this.#sink.received(header, payload);
      return;
    }
    if (this.#isDismissed) return;
    const isHello = header.kind === frameKinds.hello && payload !== null;
    const meeting = {
      from: header.slice,
      to: header.chunk,
      channel: new TextDecoder().decode(payload ?? undefined),
    };
    const expected = isHello ? this.host.find(meeting) : undefined;
    if (expected === undefined) {
      if (isHello) this.connection.send(frame(frameKinds.refuse));
      this.dismiss();
      return;
    }
    this.#become();
    this.#sink = expected.sink;
    this.connection.send(frame(frameKinds.welcome));
    expected.admit(this.connection);
  }

  lost(): void {
    this.#become();
    this.#sink?.lost();
  }

  dismiss(): void {
    this.#isDismissed = true;
    this.#become();
    void this.connection.close();
  }

  /** A friend, or nobody. */
  #become(): void {
    clearTimeout(this.#patience);
    this.host.known();
  }
}

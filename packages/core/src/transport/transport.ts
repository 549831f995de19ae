/** One message: a msgpack header, then raw tensor frames. */
export type Frames = Uint8Array[];

/**
 * The worker's end: one connection to one coordinator. Frames handed to `send` belong to the transport
 * until the peer has answered (zero-copy sends read them later): never write to them before that.
 */
export interface Link {
  /** Resolves when queued; rejects with LockstepError when the link is closed. Sends keep their order. */
  send(frames: Frames): Promise<void>;
  /** Arriving messages in order; ends when the link is closed. */
  receive(): AsyncIterable<Frames>;
  /** Idempotent. Gives queued messages up to `lingerMs` to leave. */
  close(): Promise<void>;
}

/** The coordinator's end: many peers, each with an id that lives as long as its connection. */
export interface Listener {
  /** Where it really listens, with the port that was picked: `tcp://127.0.0.1:43127`. */
  readonly address: string;
  /** Rejects with `PeerUnreachable` when the peer is gone; never drops silently. */
  send(peer: string, frames: Frames): Promise<void>;
  receive(): AsyncIterable<{ peer: string; frames: Frames }>;
  close(): Promise<void>;
}

/** Thrown by `Listener.send` when nobody is connected under that peer id any more. */
export class PeerUnreachable extends Error {
  override readonly name = 'PeerUnreachable';
  constructor(readonly peer: string) {
    super(`peer ${peer} is not connected`);
  }
}

export interface TransportOptions {
  /** A peer that shows no sign of life for this long is disconnected. Milliseconds. */
  heartbeatTimeoutMs: number;
  /** The largest frame accepted from a peer, bytes: a larger one closes its connection. */
  maxMessageBytes: number;
  /** How long `close` waits for queued messages to leave. Milliseconds. */
  lingerMs: number;
  /** Left free for CURVE: keys and an allow-list will stand here. */
  security: 'none';
}

export const defaultTransportOptions: TransportOptions = {
  heartbeatTimeoutMs: 5_000,
  maxMessageBytes: 256 * 1024 * 1024,
  lingerMs: 1_000,
  security: 'none',
};

/** A way to carry messages; implementations: ZeroMQ over TCP, and memory within one process. */
export interface Transport {
  readonly name: string;
  /** `address`: `tcp://HOST:PORT`, port 0 picks a free one. Fails with PORT_IN_USE. */
  listen(address: string, options?: Partial<TransportOptions>): Promise<Listener>;
  /** Returns at once, as ZeroMQ does; whether anyone answers shows in `receive`. */
  connect(address: string, options?: Partial<TransportOptions>): Promise<Link>;
}

/**
 * One message: a msgpack header, raw tensor frames, and a checksum. At least one frame; a frame may be empty.
 *
 * Frames handed to `send` belong to the transport until the peer has answered (zero-copy sends read them
 * later): never write to them before that. Frames that arrive belong to the receiver; they may start at
 * any byte, so copy them before laying a Float32Array over them unless `byteOffset` is a multiple of 4.
 */
export type Frames = Uint8Array[];

/** The worker's end: one connection to one coordinator. */
export interface Link {
  /**
   * Resolves when queued, not when delivered: only an answer tells that. Sends keep their order, without
   * waiting for each other. Rejects with LockstepError COORDINATOR_UNREACHABLE when the link is closed,
   * or given up because what came from there could not be read.
   */
  send(frames: Frames): Promise<void>;
  /** Arriving messages in order, for one reader; ends when the link is closed. */
  receive(): AsyncIterable<Frames>;
  /**
   * Idempotent. Gives queued messages up to `lingerMs` to leave and resolves when they have: a process
   * that ends itself earlier may lose them.
   *
   * @param lingerMs instead of that of its options; 0: what has not left by now never does
   */
  close(lingerMs?: number): Promise<void>;
}

/**
 * The coordinator's end: many peers. A peer's id stands for one `Link`; a link that comes back after a
 * lost connection keeps it. Anything that can reach the port can become a peer: its frames are to be
 * validated before they are believed.
 */
export interface Listener {
  /** Where it really listens, with the port that was picked: `tcp://127.0.0.1:43127`. */
  readonly address: string;
  /**
   * Resolves when queued, without waiting for other peers. Rejects with `PeerUnreachable` when nobody is
   * connected under that id. What is queued for a peer that then disappears is lost: only an answer tells.
   */
  send(peer: string, frames: Frames): Promise<void>;
  /** Messages of all peers, those of each peer in order, for one reader; ends on `close`. */
  receive(): AsyncIterable<{ peer: string; frames: Frames }>;
  /** Idempotent. Like `Link.close`; afterwards the address is free. */
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
  /**
   * A listener disconnects a peer that shows no sign of life for this long. Only whole frames are signs of life: the
   * largest one must cross the network in less. A link gives a connection that long to be made. Milliseconds, at least
   * 100.
   */
  heartbeatTimeoutMs: number;
  /**
   * The largest frame accepted from a peer: a larger one closes its connection and is lost; the link that
   * it was for is given up. Bytes, at least 1,000: ZeroMQ's own handshake counts too.
   */
  maxMessageBytes: number;
  /** How long `close` waits for queued messages to leave. Milliseconds. */
  lingerMs: number;
  security: Security;
}

/**
 * Who may speak, and who can read along. `none`: whoever reaches the port, and whoever is on the way. Anything else is
 * refused with USAGE: nobody shall believe a connection safer than it is.
 *
 * The next one, `curve`, has its place here as an object of its own: the key pair of this end, the public key of the
 * coordinator that a link expects, and the public keys that a listener allows. ZeroMQ has options of these names, and
 * asks a ZAP handler about each key before the first message is read.
 */
type Security = 'none';

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

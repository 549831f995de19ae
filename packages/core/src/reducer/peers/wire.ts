import type { FrameHeader } from './frameHeader.js';

/** One end of a connection between two ranks: frames both ways, each a header and perhaps a payload. */
export interface PeerConnection {
  /**
   * Queues a frame behind those before. Never waits and never fails: what is sent into a connection that is lost
   * is lost, which only an answer that does not come tells.
   *
   * @param payload of `header.bytes`, if that is not 0. It is read later: it may not be written to until the peer
   *   has shown that it has it
   */
  send(header: FrameHeader, payload?: Uint8Array): void;
  /** Lets what was sent leave, for a while, and ends the connection. Idempotent. */
  close(): Promise<void>;
}

/**
 * Takes the frames of one connection. Whoever sends them may be anybody until a `hello` was accepted, and may be
 * wrong later: nothing of a header is to be believed unseen.
 */
export interface FrameSink {
  /**
   * Asked before a payload is taken from the wire.
   *
   * @returns where its `header.bytes` bytes are to be put; null: the frame is not wanted, and skipped
   */
  place(header: FrameHeader): Uint8Array | null;
  /** @param payload what `place` gave, filled; null for a frame without payload */
  received(header: FrameHeader, payload: Uint8Array | null): void;
  /** The connection was lost, or ended by the peer. */
  lost(): void;
}

/** A way for ranks to reach each other. */
export interface Wire {
  /**
   * @param accept is asked for each connection that comes in
   * @throws LockstepError PORT_IN_USE
   */
  listen(address: string, accept: (connection: PeerConnection) => FrameSink): Promise<PeerListener>;
  /** Rejects, or `lost` is told, when nobody is there; it may be tried again then. */
  connect(address: string, sink: FrameSink): Promise<PeerConnection>;
}

export interface PeerListener {
  /** With the port that was picked. */
  readonly address: string;
  /** Ends the connections that came in, too. */
  close(): Promise<void>;
}

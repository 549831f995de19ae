import type { Frames, Link, Listener, Transport } from '../../transport/index.js';
import { decodeHeader, encodeHeader, type FrameHeader } from './frameHeader.js';
import type { FrameSink, PeerConnection, Wire } from './wire.js';

/**
 * Ranks over a transport: each frame is a message of one or two parts. What comes is copied to where it belongs.
 * A link that ZeroMQ has connected again goes on where it was, but for the messages that were lost.
 */
export function transportWire(transport: Transport): Wire {
  return {
    async listen(address, accept) {
      const listener = await transport.listen(address);
      const sinks = new Map<string, FrameSink>();
      const receiving = (async () => {
        for await (const { peer, frames } of listener.receive()) {
          const sink = sinks.get(peer) ?? accept(new PeerOfListener(listener, peer, sinks));
          sinks.set(peer, sink);
          deliver(frames, sink);
        }
      })();
      return {
        address: listener.address,
        async close() {
          await listener.close();
          await receiving;
        },
      };
    },

    async connect(address, sink) {
      const link = await transport.connect(address);
      const receiving = (async () => {
        for await (const frames of link.receive()) deliver(frames, sink);
        sink.lost();
      })();
      return new LinkOfRank(link, receiving);
    },
  };
}

/** What came in. */
class PeerOfListener implements PeerConnection {
  constructor(
    private readonly listener: Listener,
    private readonly peer: string,
    private readonly sinks: Map<string, FrameSink>,
  ) {}

  send(header: FrameHeader, payload?: Uint8Array): void {
    // A peer that is gone does not answer, either.
    this.listener.send(this.peer, messageOf(header, payload)).catch(() => undefined);
  }

  async close(): Promise<void> {
    this.sinks.delete(this.peer);
  }
}

/** What was connected from here. */
class LinkOfRank implements PeerConnection {
  constructor(
    private readonly link: Link,
    private readonly receiving: Promise<void>,
  ) {}

  send(header: FrameHeader, payload?: Uint8Array): void {
    this.link.send(messageOf(header, payload)).catch(() => undefined);
  }

  async close(): Promise<void> {
    await this.link.close();
    await this.receiving;
  }
}

const messageOf = (header: FrameHeader, payload: Uint8Array | undefined): Frames =>
  payload === undefined ? [encodeHeader(header)] : [encodeHeader(header), payload];

/** Whatever is not a frame is dropped. */
function deliver([head, payload, ...more]: Frames, sink: FrameSink): void {
  const header = head === undefined ? null : decodeHeader(head);
  if (header === null || more.length > 0 || (payload?.length ?? 0) !== header.bytes) return;
  if (payload === undefined || header.bytes === 0) {
    sink.received(header, null);
    return;
  }
  const place = sink.place(header);
  if (place === null) return;
  place.set(payload);
  sink.received(header, place);
}

import { connect, type Socket } from 'node:net';
import { encodeHeader, type FrameHeader } from './frameHeader.js';
import { FrameReader } from './frameReader.js';
import type { FrameSink, PeerConnection } from './wire.js';

/** How long `close` waits for what was sent to leave. */
const lingerMs = 1_000;
/** How long a connection may be idle before the system asks whether the other end is still there. */
const keepAliveMs = 30_000;

/** A socket as an end of a connection between ranks. */
export class TcpConnection implements PeerConnection {
  #closing: Promise<void> | undefined;

  constructor(readonly socket: Socket) {
    socket.setNoDelay(true);
    socket.setKeepAlive(true, keepAliveMs);
    // What went wrong shows in what does not come; 'close' follows.
    socket.on('error', () => undefined);
  }

  send(header: FrameHeader, payload?: Uint8Array): void {
    const { socket } = this;
    if (!socket.writable) return;
    socket.cork();
    socket.write(encodeHeader(header));
    if (payload !== undefined) socket.write(payload);
    socket.uncork();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const { socket } = this;
    if (socket.closed) return;
    await new Promise<void>((resolve) => {
      const patience = setTimeout(() => socket.destroy(), lingerMs);
      socket.once('close', () => {
        clearTimeout(patience);
        resolve();
      });
      if (socket.connecting) socket.destroy();
      else {
        // Not closed before the other end has closed, too: what it has not read yet would be lost if anything
        // from there were left unread here.
        socket.end();
        socket.resume();
      }
    });
  }
}

/**
 * What connects receives what is large: only there does Node read from the system into memory of ours, without
 * garbage for each piece. So a rank connects to the one before it, and is sent its chunks on that connection.
 */
export function connectTcp(host: string, port: number, sink: FrameSink): TcpConnection {
  const reader = new FrameReader(sink);
  const socket: Socket = connect({
    host,
    port,
    onread: {
      buffer: () => reader.next(),
      callback: (count) => {
        if (!reader.took(count)) socket.destroy();
        return true;
      },
    },
  });
  socket.once('close', () => sink.lost());
  return new TcpConnection(socket);
}

/** The other end: few and small frames come, such as the `hello`. */
export function readFrames(socket: Socket, sink: FrameSink): void {
  const reader = new FrameReader(sink);
  socket.on('data', (bytes: Buffer) => {
    if (!reader.push(bytes)) socket.destroy();
  });
  socket.once('close', () => sink.lost());
}

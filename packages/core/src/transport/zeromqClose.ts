import type { Dealer, Router, Socket } from 'zeromq';

/** What closing may take beyond the linger time, for example to finish looking up a name. */
const graceMs = 1_000;

/**
 * Closes a socket and waits until ZeroMQ has let go of it: queued messages have left or `lingerMs` has
 * passed, and the port is free again. `socket.close()` alone returns before any of that. The monitor's
 * last event tells; it comes when ZeroMQ's own thread has taken the socket apart.
 */
export async function closeSocket(socket: Socket, lingerMs: number): Promise<void> {
  const { events } = socket;
  socket.linger = lingerMs;
  socket.close();
  const deadline = setTimeout(() => events.close(), lingerMs + graceMs);
  try {
    for (;;) {
      const event = await events.receive();
      if (event.type === 'end') return;
    }
  } catch (thrown) {
    // Closing the monitor at the deadline rejects the pending receive: ZeroMQ goes on by itself.
    if (!events.closed) throw thrown;
  } finally {
    clearTimeout(deadline);
  }
}

/**
 * What a socket receives until it is closed. Where messages wait in the queue at that moment, zeromq.js reads on, and
 * ZeroMQ says that this is no socket: under a flood, that is how every run would end.
 */
export async function* messagesOf(socket: Dealer | Router): AsyncGenerator<Buffer[]> {
  try {
    for await (const frames of socket) yield frames;
  } catch (thrown) {
    if (!socket.closed) throw thrown;
  }
}

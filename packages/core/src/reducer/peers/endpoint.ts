import { memoryTransport, type Transport } from '../../transport/index.js';
import { Admission } from './admission.js';
import { Introduction } from './introduction.js';
import type { Meeting } from './meeting.js';
import { tcpWire } from './tcpWire.js';
import { transportWire } from './transportWire.js';
import type { FrameSink, PeerConnection, PeerListener, Wire } from './wire.js';

/** Between two tries to connect. */
const pauseMs = 50;

/**
 * Where a worker is reached by other ranks: one port for all reducers that it takes part in, each with channels of
 * its own. Whoever connects says which channel it means, who it is and whom it wants; only a rank that is waited for
 * is let in. Whatever else comes is dropped.
 */
export class PeerEndpoint {
  readonly #admission: Admission;
  readonly #wire: Wire;
  readonly #listener: PeerListener;

  private constructor(wire: Wire, listener: PeerListener, admission: Admission) {
    this.#wire = wire;
    this.#listener = listener;
    this.#admission = admission;
  }

  /**
   * @param address `tcp://HOST:PORT` or `memory://NAME`
   * @param transport to go by, in place of plain TCP or memory
   * @throws LockstepError PORT_IN_USE
   */
  static async listen(
    address: string,
    { transport }: { readonly transport?: Transport } = {},
  ): Promise<PeerEndpoint> {
    const wire = wireFor(address, transport);
    const admission = new Admission();
    const listener = await wire.listen(address, (connection) => admission.receive(connection));
    return new PeerEndpoint(wire, listener, admission);
  }

  /** Where it really listens, to be told to the others: `tcp://127.0.0.1:43127`. */
  get address(): string {
    return this.#listener.address;
  }

  /**
   * Lets a rank in, once.
   *
   * @returns its connection, when it has come; null when `signal` has ended the wait
   */
  accept(meeting: Meeting, sink: FrameSink, signal: AbortSignal): Promise<PeerConnection | null> {
    return this.#admission.await(meeting, sink, signal);
  }

  /**
   * Goes to the endpoint of another rank, as often as it takes: it may not listen yet, or not wait for this one yet.
   *
   * @returns the connection, when the other one has let this rank in; null when `signal` has ended the tries
   */
  async connect(
    address: string,
    meeting: Meeting,
    sink: FrameSink,
    signal: AbortSignal,
  ): Promise<PeerConnection | null> {
    while (!signal.aborted) {
      const introduction = new Introduction(meeting, sink);
      const connection = await introduction.over(this.#wire, address, signal);
      if (connection !== null) return connection;
      await pause(signal);
    }
    return null;
  }

  /** Ends all connections that came in. Idempotent. */
  close(): Promise<void> {
    return this.#listener.close();
  }
}

function wireFor(address: string, transport: Transport | undefined): Wire {
  if (transport !== undefined) return transportWire(transport);
  return address.startsWith('memory://') ? transportWire(memoryTransport) : tcpWire;
}

function pause(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, pauseMs);
    signal.addEventListener('abort', end);
    if (signal.aborted) end();
  });
}

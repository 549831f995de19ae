import { missingRanks } from '../missingRanks.js';
import type { FrameHeader, PeerConnection, PeerEndpoint } from '../peers/index.js';
import type { ReducerOptions } from '../reducer.js';
import type { RingCore, RingNetwork } from './core.js';

/** Where the ranks of a ring find each other. */
export interface RingPlace {
  readonly endpoint: PeerEndpoint;
  /** Random, known to the ranks of this ring only, and another one for each ring. */
  readonly channel: string;
  /** Of the endpoints, by rank. */
  readonly addresses: readonly string[];
}

interface Ends {
  readonly previous: PeerConnection;
  readonly next: PeerConnection;
}

/** A rank's connections: it goes to the one before it, and the one after comes to it. */
export class Neighbours implements RingNetwork<Uint8Array> {
  private ends: Ends | null = null;

  toNext(header: FrameHeader, payload: Uint8Array | null): void {
    this.ends?.next.send(header, payload ?? undefined);
  }

  toPrevious(header: FrameHeader): void {
    this.ends?.previous.send(header);
  }

  /**
   * @param rank of two or more
   * @param names what those ranks are called, if not by their place in the ring
   * @throws LockstepError WORKER_LOST naming the neighbours that have not come within the deadline; the signal's reason
   */
  async meet(
    { endpoint, channel, addresses }: RingPlace,
    rank: number,
    core: RingCore<Uint8Array>,
    { deadlineMs, signal }: Pick<ReducerOptions, 'deadlineMs' | 'signal'>,
    names?: readonly number[],
  ): Promise<void> {
    const worldSize = addresses.length;
    const before = (rank + worldSize - 1) % worldSize;
    const after = (rank + 1) % worldSize;
    const deadline = new AbortController();
    const giveUp = (): void => deadline.abort();
    const timer = setTimeout(giveUp, deadlineMs);
    signal?.addEventListener('abort', giveUp);
    if (signal?.aborted) giveUp();
    try {
      const [previous, next] = await Promise.all([
        endpoint.connect(
          addresses[before]!,
          { channel, from: rank, to: before },
          {
            place: (header) => core.place(header),
            received: (header, payload) => core.fromPrevious(header, payload),
            lost: () => undefined,
          },
          deadline.signal,
        ),
        endpoint.accept(
          { channel, from: after, to: rank },
          {
            place: () => null,
            received: (header) => core.fromNext(header),
            lost: () => undefined,
          },
          deadline.signal,
        ),
      ]);
      if (previous !== null && next !== null) {
        this.ends = { previous, next };
        return;
      }
      await Promise.all([previous?.close(), next?.close()]);
      signal?.throwIfAborted();
      const missing = [previous === null ? before : [], next === null ? after : []].flat();
      const named = missing.map((absent) => names?.[absent] ?? absent);
      throw missingRanks('meeting of the ring', named, deadlineMs);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', giveUp);
      // If one of them has thrown, the other is not waited for.
      deadline.abort();
    }
  }

  async close(): Promise<void> {
    const ends = this.ends;
    this.ends = null;
    await Promise.all([ends?.previous.close(), ends?.next.close()]);
  }
}

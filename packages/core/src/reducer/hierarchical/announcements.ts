import { missingRanks } from '../missingRanks.js';
import {
  type FrameSink,
  frame,
  frameKinds,
  type PeerConnection,
  type PeerEndpoint,
} from '../peers/index.js';
import type { ReducerOptions } from '../reducer.js';
import type { Topology } from './topology.js';

/** Where a host's ranks find their leader. */
interface AnnouncementPlace {
  readonly endpoint: PeerEndpoint;
  readonly channel: string;
  /** By rank. */
  readonly addresses: readonly string[];
}

/**
 * For whom a leader waits among the hosts, told to the ranks of its own host, which wait for the leader: so that they,
 * too, can name who it is that does not answer. A few bytes, and only once that has taken a while; what is added up
 * goes through shared memory.
 */
export class Announcements {
  /** The connections to the ranks of this host, if this is the leader; else the one to the leader. */
  private connections: readonly PeerConnection[] = [];
  private heard = { operation: -1, root: 0 };

  /** @throws LockstepError WORKER_LOST naming those that have not come within the deadline; the signal's reason */
  static async meet(
    { endpoint, channel, addresses }: AnnouncementPlace,
    rank: number,
    { locals }: Topology,
    { deadlineMs, signal }: Pick<ReducerOptions, 'deadlineMs' | 'signal'>,
  ): Promise<Announcements> {
    const announcements = new Announcements();
    const [leader, ...others] = locals;
    const deadline = new AbortController();
    const giveUp = (): void => deadline.abort();
    const timer = setTimeout(giveUp, deadlineMs);
    signal?.addEventListener('abort', giveUp);
    if (signal?.aborted) giveUp();
    const sink = announcements.sink;
    try {
      const meetings =
        rank === leader
          ? others.map((from) =>
              endpoint.accept({ channel, from, to: rank }, sink, deadline.signal),
            )
          : [
              endpoint.connect(
                addresses[leader!]!,
                { channel, from: rank, to: leader! },
                sink,
                deadline.signal,
              ),
            ];
      const met = await Promise.all(meetings);
      announcements.connections = met.filter((connection) => connection !== null);
      const awaited = rank === leader ? others : [leader!];
      const missing = awaited.filter((_, each) => met[each] === null);
      if (missing.length === 0) return announcements;
      await announcements.close();
      signal?.throwIfAborted();
      throw missingRanks('meeting of a host', missing, deadlineMs);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', giveUp);
      deadline.abort();
    }
  }

  /** @param root a rank of the world, that the leader waits for in this operation */
  tell(operation: number, root: number): void {
    const header = frame(frameKinds.waiting, { operation, slice: root });
    for (const connection of this.connections) connection.send(header);
  }

  /** Whom the leader said that it waits for in this operation. */
  rootOf(operation: number): number | undefined {
    return this.heard.operation === operation ? this.heard.root : undefined;
  }

  async close(): Promise<void> {
    await Promise.all(this.connections.map((connection) => connection.close()));
  }

  private get sink(): FrameSink {
    return {
      place: () => null,
      received: ({ kind, operation, slice }) => {
        if (kind === frameKinds.waiting) this.heard = { operation, root: slice };
      },
      lost: () => undefined,
    };
  }
}

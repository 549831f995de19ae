import type { Range } from '../../data/index.js';
import { LockstepError } from '../../errors.js';
import { MissingRanks } from '../missingRanks.js';
import { partition } from '../partition.js';
import type { PeerEndpoint } from '../peers/index.js';
import type { Reducer, ReducerOptions } from '../reducer.js';
import { createRing, type Ring } from '../ring/index.js';
import { createSharedMemory } from '../sharedMemory/sharedMemory.js';
import { allOrNone } from './allOrNone.js';
import { Announcements } from './announcements.js';
import { LocalParts } from './localParts.js';
import { type Topology, topologyOf } from './topology.js';

/** Where the ranks of some hosts find each other. */
export interface HierarchicalPlace {
  readonly endpoint: PeerEndpoint;
  /** Random, known to these ranks only, and another one for each reducer. */
  readonly channel: string;
  /** Of the endpoints, by rank. */
  readonly addresses: readonly string[];
  /** By rank: the same for those that share memory, which are next to each other. */
  readonly hosts: readonly string[];
  /** Of letters, digits, _ and -; of this reducer only. */
  readonly segment: string;
}

type Operation = 'all-reduce' | 'reduce-scatter' | 'all-gather';

/** How often a leader says for whom it waits, at most; of the deadline, at least. */
const longestTickMs = 250;
const leastTicks = 8;

/**
 * Adds up in shared memory within each host, then around a ring of the hosts' first ranks, and gives the result to all
 * ranks of the host in shared memory again: the network carries one array for each host, however many ranks it has.
 * Only between hosts is anything compressed. With buckets, ranges are added up within the host as they come to be
 * ready, and go around the ring when all of them have.
 *
 * @throws LockstepError WORKER_LOST naming those that have not come within the deadline; SHARED_MEMORY
 */
export async function createHierarchical(
  options: ReducerOptions,
  place: HierarchicalPlace,
): Promise<Reducer> {
  const { rank, length, deadlineMs, signal } = options;
  const { endpoint, channel, addresses, hosts, segment } = place;
  const topology = topologyOf(hosts, rank, length);
  const { locals, leaders, bounds, host } = topology;
  const parts = new LocalParts(length, hosts.length, locals);
  let reducer: Hierarchical | null = null;
  const ring = async (): Promise<Ring<Uint8Array> | null> => {
    if (rank !== locals[0]) return null;
    return createRing(
      { ...options, rank: host, worldSize: leaders.length },
      {
        endpoint,
        channel: `${channel}/leaders`,
        addresses: leaders.map((leader) => addresses[leader]!),
      },
      {
        ranks: leaders,
        worldSize: hosts.length,
        bounds,
        waitsElsewhere: () => reducer?.waitingInside[0],
      },
    );
  };
  const inside: ReducerOptions = {
    rank: locals.indexOf(rank),
    worldSize: locals.length,
    length: parts.length,
    compression: 'none',
    deadlineMs,
    ...(signal === undefined ? {} : { signal }),
  };
  const [local, across, announcements] = await allOrNone(
    createSharedMemory(inside, { segment: `${segment}-${host}` }).catch((thrown: unknown) => {
      throw inWorld(thrown, locals, deadlineMs);
    }),
    ring(),
    Announcements.meet(
      { endpoint, channel: `${channel}/host`, addresses },
      rank,
      topology,
      options,
    ),
  );
  reducer = new Hierarchical(options, topology, parts, local, across, announcements);
  return reducer;
}

class Hierarchical implements Reducer {
  readonly name = 'hierarchical';
  readonly own: Range;
  readonly shared = null;
  readonly memory = null;
  private operation = -1;
  private isBusy = false;
  private failure: Error | null = null;

  constructor(
    private readonly options: ReducerOptions,
    private readonly topology: Topology,
    private readonly parts: LocalParts,
    private readonly local: Reducer,
    /** Null, unless this rank speaks for its host. */
    private readonly ring: Ring<Uint8Array> | null,
    private readonly announcements: Announcements,
  ) {
    this.own = partition(options.length, options.worldSize)[options.rank]!;
  }

  input(): Float32Array {
    return this.parts.inputOf(this.local.input());
  }

  allReduce(weight: number, ready?: AsyncIterable<Range>): Promise<Float32Array> {
    return this.operate(
      'all-reduce',
      () => this.local.allReduce(weight, ready && this.parts.withRest(ready)),
      (shared, array) => this.parts.bringSum(shared, array),
    );
  }

  async reduceScatter(weight: number): Promise<Float32Array> {
    const result = await this.operate(
      'reduce-scatter',
      () => this.local.allReduce(weight),
      (shared, array) => this.parts.bringSum(shared, array),
    );
    return result.subarray(this.own.begin, this.own.end);
  }

  allGather(): Promise<Float32Array> {
    return this.operate(
      'all-gather',
      () => {
        this.parts.putOwn(this.local.input(), this.options.rank);
        return this.local.allGather();
      },
      (shared, array) => this.parts.bringParts(shared, array),
    );
  }

  get waitingFor(): readonly number[] {
    const inside = this.waitingInside;
    return inside.length > 0 ? this.beyondLeader(inside) : (this.ring?.waitingFor ?? []);
  }

  /** The ranks of this host that the operation under way waits for. */
  get waitingInside(): readonly number[] {
    return this.local.waitingFor.map((each) => this.topology.locals[each]!);
  }

  abort(reason: Error): void {
    this.failure ??= reason;
    this.local.abort(reason);
    this.ring?.abort(reason);
  }

  async close(): Promise<void> {
    this.abort(new LockstepError('INTERNAL', 'the hierarchy is closed'));
    await Promise.all([this.local.close(), this.ring?.close(), this.announcements.close()]);
  }

  /**
   * @param within what the ranks of this host do first, in shared memory
   * @param bring copies what that gave to where the ring takes it from
   */
  private async operate(
    kind: Operation,
    within: () => Promise<Float32Array>,
    bring: (shared: Float32Array, array: Float32Array) => void,
  ): Promise<Float32Array> {
    if (this.failure !== null) throw this.failure;
    if (this.isBusy) throw new LockstepError('INTERNAL', 'two operations at once on one reducer');
    this.isBusy = true;
    this.operation += 1;
    const { ring } = this;
    try {
      const inside = this.inside(within);
      if (ring === null) await inside;
      else await this.across(ring, kind, inside, bring);
      const shared = await this.inside(() => this.local.allReduce(ring === null ? 0 : 1));
      return shared.subarray(0, this.options.length);
    } catch (thrown) {
      this.abort(thrown instanceof Error ? thrown : new Error(String(thrown)));
      throw this.failure;
    } finally {
      this.isBusy = false;
    }
  }

  /** Brings what this host has to the other hosts, and their result to where the ranks of this one get it from. */
  private async across(
    ring: Ring<Uint8Array>,
    kind: Operation,
    inside: Promise<Float32Array>,
    bring: (shared: Float32Array, array: Float32Array) => void,
  ): Promise<void> {
    const { length, deadlineMs } = this.options;
    const { operation } = this;
    const array = ring.input();
    const ready = async function* (): AsyncGenerator<Range> {
      bring(await inside, array);
      yield { begin: 0, end: length };
    };
    const tell = (): void => {
      const [root] = ring.waitingFor;
      if (root !== undefined) this.announcements.tell(operation, root);
    };
    const ticking = setInterval(tell, Math.min(longestTickMs, deadlineMs / leastTicks));
    try {
      // Begun before there is anything to bring: so the other hosts hear for whom this one waits.
      this.local.input().set(await ring.operate(kind, 1, ready()));
    } finally {
      clearInterval(ticking);
    }
  }

  /** An operation among the ranks of this host. Errors name them by their rank in the world. */
  private async inside(operation: () => Promise<Float32Array>): Promise<Float32Array> {
    try {
      return await operation();
    } catch (thrown) {
      const { deadlineMs } = this.options;
      throw inWorld(thrown, this.topology.locals, deadlineMs, (ranks) => this.beyondLeader(ranks));
    }
  }

  /** Who it is, if the leader has said for whom it waits itself. */
  private beyondLeader(ranks: readonly number[]): readonly number[] {
    const { locals } = this.topology;
    const root = this.announcements.rootOf(this.operation);
    return root !== undefined && ranks.length === 1 && ranks[0] === locals[0] ? [root] : ranks;
  }
}

/** An error of the ranks of a host, for the world. */
function inWorld(
  thrown: unknown,
  locals: readonly number[],
  deadlineMs: number,
  beyond = (ranks: readonly number[]) => ranks,
): unknown {
  if (!(thrown instanceof MissingRanks)) return thrown;
  const ranks = thrown.ranks.map((each) => locals[each]!);
  return new MissingRanks(thrown.operation, beyond(ranks), deadlineMs);
}

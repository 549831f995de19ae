import type { Barrier } from '@lockstep/core/collective';
import type { Network } from '../network/network.js';
import { giga, micro, nano } from '../network/units.js';
import type { Arithmetic } from './arithmetic.js';
import { averagedBytes, contributionBytes } from './barrierMessages.js';

type Contribution = Parameters<Barrier['contribute']>[0];
type Released = Awaited<ReturnType<Barrier['contribute']>>;

interface Arrival {
  readonly contribution: Contribution;
  readonly release: (released: Released) => void;
}

const bytesPerElement = Float32Array.BYTES_PER_ELEMENT;

/**
 * The coordinator as the end of a network: it waits for a contribution from each rank, averages the gradients
 * that they bring (star), and tells each rank to go on, one after the other, in rank order.
 */
export class Hub {
  /** When each step was complete, in seconds: from one to the next is all that a step takes. */
  readonly completions: number[] = [];
  readonly #asked: number[] = [];
  readonly #arrived: (Arrival | undefined)[] = [];
  #missing: number;

  constructor(
    private readonly network: Network,
    private readonly ranks: number,
    private readonly arithmetic: Arithmetic,
  ) {
    this.#missing = ranks;
  }

  /** As rank `rank` sees it. */
  barrier(rank: number): Barrier {
    return {
      contribute: (contribution) =>
        new Promise((release) => {
          this.#asked[rank] = this.network.endpoints[rank]!.core.time;
          const bytes = contributionBytes(contribution.samples) + sizeOf(contribution.gradient);
          this.network.send(rank, this.ranks, bytes, {
            receive: () => this.#receive(rank, { contribution, release }),
          });
        }),
      flush: async () => undefined,
    };
  }

  /** When a rank last came to the barrier, in seconds. */
  askedAt(rank: number): number {
    return this.#asked[rank]!;
  }

  get #core() {
    return this.network.endpoints[this.ranks]!.core;
  }

  #receive(rank: number, arrival: Arrival): void {
    const { contributionMicroseconds: each, contributionNanosecondsPerRank: more } =
      this.network.description.coordinator;
    this.#core.spend(each * micro + this.ranks * more * nano);
    this.#arrived[rank] = arrival;
    this.#missing -= 1;
    if (this.#missing > 0) return;
    const arrivals = this.#arrived.splice(0) as Arrival[];
    this.#missing = this.ranks;
    this.#complete(arrivals);
  }

  #complete(arrivals: readonly Arrival[]): void {
    const gradient = this.#average(arrivals.map(({ contribution }) => contribution));
    this.completions.push(this.#core.time);
    const bytes = averagedBytes() + sizeOf(gradient);
    for (const [rank, { release }] of arrivals.entries()) {
      this.network.send(this.ranks, rank, bytes, {
        receive: () => {
          release({ proceed: true, gradient });
          this.network.clock.settled();
        },
      });
    }
  }

  #average(contributions: readonly Contribution[]): Float32Array | null {
    const parts = contributions.flatMap(({ gradient, samples }) =>
      gradient === null ? [] : [{ gradient, samples }],
    );
    if (parts.length === 0) return null;
    const { averageGigabytesPerSecond } = this.network.description.coordinator;
    const bytes = parts.reduce((sum, { gradient }) => sum + sizeOf(gradient), 0);
    this.#core.spend(bytes / (averageGigabytesPerSecond * giga));
    return this.arithmetic.average(parts);
  }
}

const sizeOf = (gradient: Float32Array | null): number => (gradient?.length ?? 0) * bytesPerElement;

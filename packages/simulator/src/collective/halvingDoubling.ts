import type { Receiver } from '../network/flight.js';
import type { Network } from '../network/network.js';
import { giga } from '../network/units.js';
import type { Adder } from './adder.js';

/** What comes from a partner in one round. */
class Round implements Receiver {
  readonly done: Promise<void>;
  #end: () => void = () => undefined;

  /** @param addSeconds what the core takes to add one message */
  constructor(
    private readonly network: Network,
    private readonly rank: number,
    private missing: number,
    private readonly addSeconds: number,
  ) {
    this.done = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  receive(): void {
    const { core, slowness } = this.network.endpoints[this.rank]!;
    core.spend(this.addSeconds * slowness);
    this.missing -= 1;
    if (this.missing > 0) return;
    this.#end();
    this.network.clock.settled();
  }
}

/**
 * An algorithm that Lockstep does not have, to see what it would give: recursive halving and doubling (Thakur,
 * Rabenseifner and Gropp 2005, "Optimization of collective communication operations in MPICH"). In log2 n rounds each
 * rank exchanges half of what it still has with a partner, and adds; in as many rounds it gets the sums back. The ring
 * moves as much, in 2 (n - 1) hops instead of 2 log2 n, but each of them to a neighbour.
 *
 * @param ranks a power of two
 */
export function halvingDoubling(
  network: Network,
  ranks: number,
  bytes: number,
  chunkBytes: number,
): Adder[] {
  const rounds = Array.from({ length: ranks }, (): Map<number, Round> => new Map());
  const addPerByte = 1 / (network.description.processor.addGigabytesPerSecond * giga);

  /** The same for whoever comes first: the partner's message may. */
  function round(rank: number, index: number, size: number, adds: boolean): Round {
    const known = rounds[rank]!.get(index);
    if (known !== undefined) return known;
    const count = Math.max(1, Math.ceil(size / chunkBytes));
    const made = new Round(network, rank, count, adds ? (size / count) * addPerByte : 0);
    rounds[rank]!.set(index, made);
    return made;
  }

  async function exchange(
    rank: number,
    partner: number,
    index: number,
    size: number,
    adds: boolean,
  ) {
    const theirs = round(partner, index, size, adds);
    const count = Math.max(1, Math.ceil(size / chunkBytes));
    for (let i = 0; i < count; i++) network.send(rank, partner, size / count, theirs);
    await round(rank, index, size, adds).done;
    rounds[rank]!.delete(index);
  }

  return Array.from({ length: ranks }, (_, rank) => {
    let index = 0;
    return {
      async allReduce() {
        let size = bytes;
        for (let distance = ranks / 2; distance >= 1; distance /= 2) {
          size /= 2;
          await exchange(rank, rank ^ distance, index++, size, true);
        }
        for (let distance = 1; distance < ranks; distance *= 2) {
          await exchange(rank, rank ^ distance, index++, size, false);
          size *= 2;
        }
      },
    };
  });
}

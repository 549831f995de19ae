// The processes of one all-reduce: its ranks and, for a star, its hub.
import { rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Group } from './group.mjs';
import { hostOf } from './hosts.mjs';
import { benchFolder } from './paths.mjs';
import { median } from './statistics.mjs';
import { temporaryFolder } from './temporaryFolder.mjs';

const mostOperations = 2000;

export class AllReduceJob {
  #folder;
  #hub;
  #ranks;
  #orders;

  /**
   * @param algorithm of ours, or `gloo`
   * @param place where: hosts (./hosts.mjs), number of ranks
   * @param torch the Python that has PyTorch, for gloo
   */
  static async start(algorithm, { hosts, ranks }, torch) {
    const job = new AllReduceJob();
    try {
      await job.#start(algorithm, hosts, ranks, torch);
      return job;
    } catch (error) {
      await job.stop();
      throw error;
    }
  }

  async #start(algorithm, hosts, ranks, torch) {
    this.#folder = temporaryFolder();
    const command = (rank, address) => {
      const common = ['--rank', String(rank), '--ranks', String(ranks)];
      if (algorithm === 'gloo') {
        const store = join(this.#folder, 'store');
        return [torch, join(benchFolder, 'peers', 'torch_gloo.py'), ...common, '--store', store];
      }
      const script = join(benchFolder, 'reducerRank.mjs');
      return [process.execPath, script, ...common, '--algorithm', algorithm, '--host', address];
    };
    if (algorithm === 'star') {
      const script = join(benchFolder, 'starHub.mjs');
      const hub = [process.execPath, script, hosts.addressOf(0), String(ranks)];
      this.#hub = await Group.start([hosts.roaming(0, hub)]);
    }
    const places = Array.from({ length: ranks }, (_, rank) => hostOf(rank, ranks, hosts.count));
    this.#ranks = await Group.start(
      places.map((host, rank) => hosts.member(host, rank, command(rank, hosts.addressOf(host)))),
    );
    const { greetings } = this.#ranks;
    this.#orders = {
      addresses: greetings.map(({ address }) => address),
      hub: this.#hub?.greetings[0].address,
      name: basename(this.#folder),
      // Where they are all on one host, a hierarchy is told that there are two.
      hosts: places.map((_, rank) => `host${hostOf(rank, ranks, 2)}`),
    };
  }

  get version() {
    return this.#ranks.greetings[0].version;
  }

  /** @returns milliseconds of an operation, by those that are for warming up */
  async prepare(length) {
    return medianOf(await this.#ask({ do: 'prepare', length, ...this.#orders }));
  }

  /** @returns milliseconds of an operation, the median of as many as take about that long */
  async measure(seconds, expectedMs) {
    const operations = Math.ceil(Math.min(mostOperations, (1000 * seconds) / expectedMs));
    return medianOf(await this.#ask({ do: 'measure', operations }));
  }

  async release() {
    await this.#ask({ do: 'release' });
  }

  async stop() {
    await this.#ranks?.stop();
    await this.#hub?.stop();
    rmSync(this.#folder, { recursive: true });
  }

  #ask(order) {
    return this.#ranks.ask(JSON.stringify(order));
  }
}

/** An operation takes what it takes the ranks in the mean; of the operations the median. Milliseconds. */
export function medianOf(answers) {
  const byRank = answers.map(({ milliseconds }) => milliseconds);
  return median(byRank[0].map((_, operation) => mean(byRank.map((times) => times[operation]))));
}

function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

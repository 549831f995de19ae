// A real cluster, `lockstep coordinator` and as many `lockstep worker`, that trains when it is told to (../turnsCallback.mjs).
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { hostOf } from './hosts.mjs';
import { learningRates } from './learningRates.mjs';
import { benchFolder, lockstep } from './paths.mjs';
import { Program } from './program.mjs';
import { temporaryFolder } from './temporaryFolder.mjs';

const compute = ['--engine', 'tensorflow', '--threads', '1'];

export class Cluster {
  #folder = temporaryFolder();
  #coordinator;
  #workers = [];
  #stepsOfEpoch;

  /**
   * @param batch images of a worker in a step
   * @param data the folder with MNIST's files
   * @param images how many of them are for training: whole steps
   * @param hosts where (./hosts.mjs)
   */
  static async start(given) {
    const cluster = new Cluster();
    try {
      await cluster.#start(given);
      return cluster;
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  async #start({ model, batch, workers, allReduce, isSharded = false, data, images, hosts }) {
    this.#stepsOfEpoch = images / (batch * workers);
    const samples = ['--data-dir', data];
    const coordinator = [
      ...[
        ...lockstep,
        'coordinator',
        '--listen',
        `tcp://${hosts.addressOf(0)}:0`,
        '--verbose',
        '0',
      ],
      ...['--workers', String(workers), '--fallback', 'fail', '--join-timeout', '120', ...compute],
      ...['--model', model, '--batch-size', String(batch * workers), ...samples],
      ...['--learning-rate', String(learningRates[model]), '--all-reduce', allReduce],
      ...['--epochs', '100000', '--target-accuracy', 'none', '--validation-data', 'none'],
      ...['--run-dir', this.#runFolder, '--keep-checkpoints', '1'],
      ...['--callbacks', join(benchFolder, 'turnsCallback.mjs')],
      ...(isSharded ? ['--shard-optimizer'] : []),
    ];
    this.#coordinator = new Program(hosts.roaming(0, coordinator));
    const address = addressIn(await this.#coordinator.nextLine());
    const worker = [...lockstep, 'worker', '--connect', address, ...samples, ...compute];
    for (let rank = 0; rank < workers; rank++) {
      const host = hostOf(rank, workers, hosts.count);
      this.#workers.push(new Program(hosts.member(host, rank, worker)));
    }
    await this.#coordinator.nextMessage();
  }

  get #runFolder() {
    return join(this.#folder, 'run');
  }

  /** What it says of itself in run.json: how the ranks average, and on what the engine runs. */
  describe() {
    const text = readFileSync(join(this.#runFolder, 'run.json'), 'utf8');
    const { lockstepVersion, allReduce, devices } = JSON.parse(text);
    return {
      version: lockstepVersion,
      collective: allReduce.collective,
      device: devices.join(', '),
    };
  }

  get workerPids() {
    return this.#workers.map(({ pid }) => pid);
  }

  ask(order) {
    return this.#coordinator.ask(JSON.stringify({ ...order, stepsOfEpoch: this.#stepsOfEpoch }));
  }

  /** The end of its input ends the run, and with it the workers. */
  async stop() {
    await this.#coordinator?.stop();
    await Promise.all(this.#workers.map((worker) => worker.stop()));
    rmSync(this.#folder, { recursive: true });
  }
}

/** In `Listening at tcp://127.0.0.1:43127 for 2 workers; ...`. */
export function addressIn(line) {
  const [address] = /tcp:\/\/\S+:\d+/.exec(line) ?? [];
  if (address === undefined) throw new Error(`the coordinator gave no address: ${line}`);
  return address;
}

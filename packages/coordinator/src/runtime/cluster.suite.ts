import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CheckpointStore } from '@lockstep/core/checkpoint';
import { type Link, memoryTransport } from '@lockstep/core/transport';
import type { News } from '../machine/commands.js';
import { settings } from '../machine/rehearsal.suite.js';
import type { Outcome, Settings } from '../machine/state.js';
import { Coordinator } from './coordinator.js';
import { Puppet } from './puppet.suite.js';

/** One sample, however many a run counts: who only counts them needs no more. */
const split = { size: 1, images: new Uint8Array(4), labels: new Uint8Array(1) };

/** A real coordinator, with its disk, that anybody may connect to within this process. */
export class Cluster {
  /** But for its steps, of which there is no end. */
  readonly news: readonly News[];
  readonly outcome: Promise<Outcome>;

  private constructor(
    readonly coordinator: Coordinator,
    private readonly address: string,
    news: readonly News[],
    private readonly folder: string,
  ) {
    this.news = news;
    this.outcome = coordinator.run();
  }

  /** One worker is enough, and an epoch has no end, unless told otherwise. */
  static async start(change: Partial<Settings> = {}): Promise<Cluster> {
    const folder = mkdtempSync(join(tmpdir(), 'lockstep-cluster-'));
    const address = `memory://${randomUUID()}`;
    const dataset = { ...settings.dataset, trainSize: 1e12 };
    const news: News[] = [];
    const coordinator = new Coordinator({
      settings: { ...settings, workers: 1, minWorkers: 1, dataset, ...change },
      listener: await memoryTransport.listen(address),
      dataset: { description: dataset, train: split, validation: split, test: split },
      callbacks: [],
      store: new CheckpointStore(folder, { keepLast: 1 }),
      checkpoint: null,
      config: {},
      version: '0.1.0',
      startWorker: () => undefined,
      killWorker: () => undefined,
      onNews: (each) => void (each.news !== 'step' && news.push(each)),
    });
    return new Cluster(coordinator, address, news, folder);
  }

  connect(): Promise<Link> {
    return memoryTransport.connect(this.address);
  }

  async puppet(): Promise<Puppet> {
    return new Puppet(await this.connect());
  }

  /** As Ctrl-C does. */
  async stop(): Promise<Outcome> {
    this.coordinator.interrupt('SIGINT');
    const outcome = await this.outcome;
    rmSync(this.folder, { recursive: true, force: true });
    return outcome;
  }
}

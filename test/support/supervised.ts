import { join } from 'node:path';
import { expect } from 'vitest';
import { freePort } from './freePort.js';
import { eventually, isAlive, type Running, start, temporaryFolder } from './lockstep.js';
import { FaultProxy } from './proxy/proxy.js';
import { noteRecovery } from './recovery.js';
import { expectWhole, type SmallRun, segmentsOf } from './smallRun.js';

/** How long workers hear nothing before they look for another coordinator: it says a word every second. */
export const silenceSeconds = 2;

/** One run, two workers, and a coordinator that is started again and again by one command line. */
export class Supervised {
  readonly run = join(temporaryFolder(), 'run');
  readonly workers: readonly Running[];
  readonly #channels = new Set<string>();
  readonly #command: readonly string[];
  #coordinator: Running;
  #killed: { readonly fault: string; readonly at: number; readonly who: Running } | null = null;

  private constructor(
    address: string,
    readonly proxy: FaultProxy,
    private readonly small: SmallRun,
    more: readonly string[],
  ) {
    this.#command = [
      ...['coordinator', '--listen', address, '--run-dir', this.run, '--json', '--resume', 'auto'],
      ...['--checkpoint-steps', '5', ...small.flags],
      ...['--heartbeat-timeout', '2', '--step-timeout', '10', ...more],
    ];
    proxy.watch(({ header }) => {
      if (header.kind === 'assign') this.#channels.add(header.channel);
      // Some of what the dead one said may still be on its way.
      const killed = this.#killed;
      if (header.kind !== 'averaged' || killed === null || killed.who === this.#coordinator) return;
      noteRecovery(killed.fault, (performance.now() - killed.at) / 1000);
      this.#killed = null;
    });
    this.#coordinator = start(this.#command);
    this.workers = [1, 2].map(() =>
      start([
        ...['worker', '--connect', proxy.address, '--engine', 'wasm', '--threads', '1'],
        ...['--silence-timeout', `${silenceSeconds}`],
      ]),
    );
  }

  static async begin(small: SmallRun, ...more: string[]): Promise<Supervised> {
    const address = `tcp://127.0.0.1:${await freePort()}`;
    return new Supervised(address, await FaultProxy.start(address), small, more);
  }

  get coordinator(): Running {
    return this.#coordinator;
  }

  kill(fault: string): void {
    this.#killed = { fault, at: performance.now(), who: this.#coordinator };
    this.#coordinator.process.kill('SIGKILL');
  }

  /** Starts the next one when the present one has ended. @returns its exit code */
  async again(): Promise<number | null> {
    const { code } = await this.#coordinator.ended;
    this.#coordinator = start(this.#command);
    return code;
  }

  /** Rejects where a worker does not wait for its coordinator to come back. */
  async givenUp(): Promise<never> {
    const { code, stderr } = await Promise.race(this.workers.map(({ ended }) => ended));
    throw new Error(`a worker ended with exit code ${code}: ${stderr}`);
  }

  /** When the run has come to its end: looks at what is left of it. */
  async end(): Promise<void> {
    expect((await this.#coordinator.ended).code).toBe(0);
    for (const worker of this.workers) expect((await worker.ended).code).toBe(0);
    expectWhole(this.run, this.small);
    await eventually(() => !this.workers.some(({ process }) => isAlive(process.pid!)));
    expect(segmentsOf(this.#channels)).toEqual([]);
  }
}

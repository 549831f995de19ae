import { join } from 'node:path';
import { expect } from 'vitest';
import { eventually, isAlive, type Running, start, temporaryFolder } from './lockstep.js';
import { delay } from './proxy/faults.js';
import { FaultProxy, type Passing } from './proxy/proxy.js';
import { expectWhole, type SmallRun, segmentsOf } from './smallRun.js';

/** A rank that is alone takes so long for a step that it is not through before another one has come. */
const aloneMs = 200;

/**
 * One run with two workers, in which something happens to one of them again and again; a lost one is replaced, and the
 * run must come to what it comes to undisturbed.
 */
export class Campaign {
  /** Those that live, by pid. */
  readonly workers = new Map<number, Running>();
  readonly #everyPid: number[] = [];
  readonly #channels = new Set<string>();
  /** By generation. */
  readonly #worldSizes = new Map<number, number>();
  #generation = 0;

  private constructor(
    readonly run: string,
    readonly proxy: FaultProxy,
    readonly coordinator: Running,
    private readonly small: SmallRun,
  ) {
    proxy.watch(({ header }) => {
      if (header.kind !== 'assign') return;
      this.#generation = header.generation;
      this.#worldSizes.set(header.generation, header.worldSize);
      this.#channels.add(header.channel);
    });
    proxy.each(
      { from: 'worker', kind: 'contribution', where: (passing) => !this.isAmongTwo(passing) },
      delay(aloneMs),
    );
  }

  /** The coordinator listens, and a first worker is on its way. */
  static async begin(small: SmallRun, ...more: string[]): Promise<Campaign> {
    const run = join(temporaryFolder(), 'run');
    const coordinator = start([
      ...['coordinator', '--workers', '1:2', '--run-dir', run, ...small.flags, '--json'],
      ...['--heartbeat-timeout', '2', '--step-timeout', '10', ...more],
    ]);
    const [, address] = await coordinator.until(/(tcp:\/\/127\.0\.0\.1:\d+)/);
    const proxy = await FaultProxy.start(address!);
    const campaign = new Campaign(run, proxy, coordinator, small);
    campaign.bring();
    return campaign;
  }

  /** Starts a worker. */
  bring(): void {
    const worker = start([
      ...['worker', '--connect', this.proxy.address, '--engine', 'wasm', '--threads', '1'],
      ...['--silence-timeout', '3'],
    ]);
    const pid = worker.process.pid!;
    this.workers.set(pid, worker);
    this.#everyPid.push(pid);
    void worker.ended.then(({ code }) => {
      if (code !== 0) this.workers.delete(pid);
    });
  }

  /** Starts one where there is only one. */
  bringAnother(): void {
    if (this.workers.size < 2) this.bring();
  }

  /** Resolves when two train together. */
  async complete(): Promise<void> {
    while (this.#worldSizes.get(this.#generation) !== 2) {
      this.bringAnother();
      const ended = [...this.workers.values()].map((worker) => worker.ended);
      await Promise.race([this.proxy.next({ from: 'coordinator', kind: 'assign' }), ...ended]);
    }
  }

  /** Resolves with what comes to pass among two: whoever is lost before that is replaced. */
  async amongTwo<Value>(coming: Promise<Value>): Promise<Value> {
    let isPast = false;
    const past = coming.finally(() => {
      isPast = true;
    });
    while (!isPast) {
      await Promise.race([past, this.complete()]);
      await Promise.race([past, this.proxy.next({ from: 'coordinator', kind: 'assign' })]);
    }
    return past;
  }

  kill(pid: number): void {
    this.workers.delete(pid);
    process.kill(pid, 'SIGKILL');
  }

  /** Resolves when the coordinator has told that it does without this worker. */
  told(pid: number): Promise<RegExpExecArray> {
    return this.coordinator.until(new RegExp(`"news":"warning",[^\n]*pid ${pid}\\b[^\n]*`));
  }

  /** Resolves when ranks of a later membership than the present one have trained a step. */
  async goesOn(): Promise<void> {
    const now = this.#generation;
    await this.proxy.next({
      from: 'worker',
      kind: 'contribution',
      where: ({ header }) => 'generation' in header && header.generation > now,
    });
  }

  /** Resolves when the coordinator has heard of so many steps more of all present ranks. */
  async train(steps: number): Promise<void> {
    const now = this.#generation;
    let first: number | null = null;
    await this.proxy.next({
      from: 'coordinator',
      kind: 'averaged',
      where: ({ header, peer }) => {
        if (header.kind !== 'averaged' || header.generation !== now || peer.rank !== 0)
          return false;
        first ??= header.step;
        return header.step - first + 1 >= steps;
      },
    });
  }

  /** Whether this is said among two. */
  isAmongTwo({ header }: Passing): boolean {
    if (header.kind === 'assign') return header.worldSize === 2;
    return 'generation' in header && this.#worldSizes.get(header.generation) === 2;
  }

  /** When the run has come to its end: looks at what is left of it. */
  async end(): Promise<void> {
    const { code, stderr } = await this.coordinator.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expectWhole(this.run, this.small);
    for (const worker of this.workers.values()) expect((await worker.ended).code).toBe(0);
    await eventually(() => !this.#everyPid.some(isAlive));
    expect(segmentsOf(this.#channels)).toEqual([]);
  }
}

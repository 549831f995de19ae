import { join } from 'node:path';
import { expect } from 'vitest';
import { eventually, isAlive, type Running, start, temporaryFolder } from './lockstep.js';
import { FaultProxy, type Passing } from './proxy/proxy.js';
import { expectWhole, type SmallRun, segmentsOf } from './smallRun.js';

interface Company {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
}

function company(): Company {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

/**
 * One run in which something happens to a worker again and again. Two workers train; when one is lost the other one is
 * held at its next contribution until another one has come, so that no fault finds the run at its end.
 */
export class Campaign {
  readonly workers = new Map<number, Running>();
  readonly #everyPid: number[] = [];
  readonly #channels = new Set<string>();
  /** By generation. */
  readonly #worldSizes = new Map<number, number>();
  #company = company();
  #heldAlone = company();

  private constructor(
    readonly run: string,
    readonly proxy: FaultProxy,
    readonly coordinator: Running,
    private readonly small: SmallRun,
  ) {
    proxy.watch(({ header, peer }) => {
      if (header.kind === 'ready' && this.workers.has(peer.pid)) this.#company.resolve();
      if (header.kind !== 'assign') return;
      this.#worldSizes.set(header.generation, header.worldSize);
      this.#channels.add(header.channel);
    });
    proxy.each(
      {
        from: 'worker',
        kind: 'contribution',
        where: (passing) => !this.isAmongTwo(passing),
      },
      async ({ bytes }, { write }) => {
        this.#heldAlone.resolve();
        await this.#company.promise;
        await write(bytes);
      },
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
  bring(): Running {
    const worker = start([
      ...['worker', '--connect', this.proxy.address, '--engine', 'wasm', '--threads', '1'],
      ...['--silence-timeout', '3'],
    ]);
    const { pid } = worker.process;
    this.workers.set(pid!, worker);
    this.#everyPid.push(pid!);
    return worker;
  }

  /** Starts one where there is only one. */
  complete(): void {
    if (this.workers.size < 2) this.bring();
  }

  /** This one is lost, or will be. */
  lose(pid: number): void {
    this.#company = company();
    this.#heldAlone = company();
    this.workers.delete(pid);
  }

  kill(pid: number): void {
    this.lose(pid);
    process.kill(pid, 'SIGKILL');
  }

  /** Resolves when the coordinator has told that it does without this worker. */
  told(pid: number): Promise<RegExpExecArray> {
    return this.coordinator.until(new RegExp(`"news":"warning",[^\n]*pid ${pid}\\b[^\n]*`));
  }

  /** Resolves when there are two workers, or will be at the next step. */
  get together(): Promise<void> {
    return this.#company.promise;
  }

  /** Resolves when the worker that is left has trained a step alone. */
  get goesOn(): Promise<void> {
    return this.#heldAlone.promise;
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

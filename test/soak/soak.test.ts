import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort } from '../support/freePort.js';
import { isAlive, type Running, readRun, start, temporaryFolder } from '../support/lockstep.js';

/*
 * `npm run soak`: whole runs of `cnn` on all 60,000 images, in each of which every one of three workers and the
 * coordinator is killed once, at random steps, and started again by the same command line, as a supervisor would.
 * LOCKSTEP_SOAK_RUNS and LOCKSTEP_SOAK_SEED say how many, and which; the figures are for docs/reliability.md.
 */

const runs = Number(process.env.LOCKSTEP_SOAK_RUNS ?? 20);
const seed = Number(process.env.LOCKSTEP_SOAK_SEED ?? 1);
const workers = 3;
const epochs = 2;
const batchSize = 96;
const steps = epochs * Math.ceil(60_000 / batchSize);
/** Points of accuracy on the test split that a disturbed run may be away from a quiet one. */
const tolerance = 0.002;

/** Mulberry32: the same moments again for the same seed. */
function randomOf(state: number): () => number {
  let a = state;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A coordinator and its workers, of which any may be killed and started again. */
class Cluster {
  readonly run = join(temporaryFolder(), 'run');
  readonly #address: string;
  readonly #pids: number[] = [];
  #waiting: { readonly step: number; readonly reached: () => void } | null = null;
  #recovering: { regrouped: boolean; readonly recovered: () => void } | null = null;
  #step = -1;
  coordinator: Running;
  readonly workers: Running[];

  private constructor(address: string) {
    this.#address = address;
    this.coordinator = this.#coordinate();
    this.workers = Array.from({ length: workers }, () => this.#work());
  }

  static async start(): Promise<Cluster> {
    return new Cluster(`tcp://127.0.0.1:${await freePort()}`);
  }

  /** Resolves when this step is applied, in whichever life of the coordinator. */
  async reaches(step: number): Promise<void> {
    if (this.#step >= step) return;
    await new Promise<void>((resolve) => {
      this.#waiting = { step, reached: resolve };
    });
  }

  /** @returns milliseconds until another step was applied */
  async killWorker(index: number): Promise<number> {
    const begun = performance.now();
    this.workers[index]!.process.kill('SIGKILL');
    this.workers[index] = this.#work();
    return this.#recovers(begun);
  }

  async killCoordinator(): Promise<number> {
    const begun = performance.now();
    const { process, ended } = this.coordinator;
    process.kill('SIGKILL');
    await ended;
    this.#step = -1;
    this.coordinator = this.#coordinate();
    return this.#recovers(begun);
  }

  async ends(): Promise<void> {
    const { code } = await this.coordinator.ended;
    expect(code, this.coordinator.output().slice(-2_000)).toBe(0);
    const farewells = await Promise.all(this.workers.map(({ ended }) => ended));
    for (const { code, stderr } of farewells) expect(code, stderr.slice(-2_000)).toBe(0);
    expect(this.#pids.filter(isAlive)).toEqual([]);
    expect(segmentsOf(this.#pids)).toEqual([]);
  }

  /** What was under way when somebody was killed does not count: a step of those that have come together again does. */
  async #recovers(begun: number): Promise<number> {
    await new Promise<void>((recovered) => {
      this.#recovering = { regrouped: false, recovered };
    });
    return performance.now() - begun;
  }

  #hear({ news, cursor }: { readonly news: string; readonly cursor: { readonly step: number } }) {
    const recovering = this.#recovering;
    if (recovering !== null && (news === 'regrouped' || news === 'started'))
      recovering.regrouped = true;
    if (news !== 'step') return;
    this.#step = cursor.step;
    if (recovering?.regrouped) {
      recovering.recovered();
      this.#recovering = null;
    }
    if (this.#waiting === null || this.#step < this.#waiting.step) return;
    this.#waiting.reached();
    this.#waiting = null;
  }

  #coordinate(): Running {
    const running = start([
      ...['coordinator', '--listen', this.#address, '--workers', `1:${workers}`],
      ...['--run-dir', this.run, '--resume', 'auto', '--checkpoint-steps', '100', '--json'],
      ...['--model', 'cnn', '--batch-size', `${batchSize}`, '--epochs', `${epochs}`],
      ...['--target-accuracy', 'none', '--heartbeat-timeout', '3'],
    ]);
    createInterface({ input: running.process.stdout! }).on('line', (line) => {
      if (line.startsWith('{')) this.#hear(JSON.parse(line));
    });
    // Where it ends nobody waits any longer; when it was killed, for the next one.
    void running.ended.then(() => {
      if (this.coordinator !== running) return;
      this.#waiting?.reached();
      this.#recovering?.recovered();
    });
    this.#pids.push(running.process.pid!);
    return running;
  }

  #work(): Running {
    const running = start([
      ...['worker', '--connect', this.#address, '--threads', '1', '--silence-timeout', '3'],
    ]);
    this.#pids.push(running.process.pid!);
    return running;
  }
}

/** Shared memory that these processes have left behind: its name ends with the number of the one that made it. */
const segmentsOf = (pids: readonly number[]): string[] =>
  existsSync('/dev/shm')
    ? readdirSync('/dev/shm').filter((name) => pids.some((pid) => name.endsWith(`.${pid}`)))
    : [];

let quiet: number;
const recoveries: { readonly who: string; readonly seconds: number }[] = [];

beforeAll(async () => {
  const cluster = await Cluster.start();
  await cluster.ends();
  quiet = readRun(cluster.run).test!.accuracy;
});

afterAll(() => {
  for (const who of ['worker', 'coordinator']) {
    const times = recoveries
      .filter((each) => each.who === who)
      .map(({ seconds }) => seconds)
      .sort((a, b) => a - b);
    const median = times[Math.floor(times.length / 2)] ?? Number.NaN;
    console.log(
      `${who}: ${times.length} killed; ${median.toFixed(1)} s until training went on (${times[0]?.toFixed(1)}..${times.at(-1)?.toFixed(1)})`,
    );
  }
  console.log(`quiet: ${(100 * quiet).toFixed(2)} % on the test split`);
});

it.each(Array.from({ length: runs }, (_, i) => seed + i))('seed %i', async (each) => {
  const random = randomOf(each);
  const kills = Array.from({ length: workers + 1 }, (_, victim) => ({
    victim,
    step: Math.floor((0.05 + 0.85 * random()) * steps),
  })).sort((a, b) => a.step - b.step);
  const cluster = await Cluster.start();
  for (const { victim, step } of kills) {
    await cluster.reaches(step);
    const who = victim < workers ? 'worker' : 'coordinator';
    const took = await (victim < workers ? cluster.killWorker(victim) : cluster.killCoordinator());
    recoveries.push({ who, seconds: took / 1000 });
  }
  await cluster.ends();
  const { stoppedBy, steps: applied, epochs: done, test } = readRun(cluster.run);
  expect({ stoppedBy, applied, done }).toEqual({
    stoppedBy: 'epochs',
    applied: steps,
    done: epochs,
  });
  expect(Math.abs(test!.accuracy - quiet)).toBeLessThanOrEqual(tolerance);
  console.log(
    `seed ${each}: killed at steps ${kills.map(({ victim, step }) => `${step} (${victim < workers ? `worker ${victim}` : 'coordinator'})`).join(', ')}; ${(100 * test!.accuracy).toFixed(2)} %`,
  );
});

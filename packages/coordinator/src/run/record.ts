import { writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { exitCodeOf, type StopSignal, signalExitCodes, writeAtomically } from '@lockstep/core';
import type { Logs } from '@lockstep/core/metrics';
import type { News } from '../machine/commands.js';
import type { Member, Outcome } from '../machine/state.js';
import { type Breakdown, StepBreakdown } from '../profile/breakdown.js';
import { Throughput } from '../runtime/throughput.js';

/** A value of the configuration, and where it comes from. */
export interface Sourced {
  readonly value: unknown;
  readonly source: 'default' | 'flag' | 'environment' | 'code' | 'model file' | 'resumed run';
}

/** How the log of a worker ends. */
export interface LogTail {
  /** Relative to the run directory. */
  readonly file: string;
  readonly lines: readonly string[];
}

/** `RUN/run.json`: what a run is and how far it came, for people and scripts. */
export interface RunRecord {
  runId: string;
  lockstepVersion: string;
  startedAt: string;
  updatedAt: string;
  /** Null while it runs. */
  stoppedBy: Outcome['stoppedBy'] | null;
  exitCode: number | null;
  error: { code: string; message: string; hint: string | null; logs: LogTail[] } | null;
  config: Record<string, Sourced>;
  engine: string | null;
  /** How the ranks average, and what else they tried; null: that is not known yet. */
  allReduce: Omit<Extract<News, { news: 'linked' }>, 'news'> | null;
  /** What the engine of each rank runs on, each once: `tensorflow 2.21.0 (GPU 0)`. */
  devices: readonly string[];
  worldSize: number;
  /** Completed epochs. */
  epochs: number;
  /** Steps applied. */
  steps: number;
  /** Of them those that no rank has applied: somebody's gradient was no number. */
  skippedSteps: number;
  /** Where the time of a step goes; null: too few were taken. */
  breakdown: Breakdown | null;
  /** Training images over wall time, without the first 20 steps, evaluation and checkpoints. */
  imagesPerSecond: number | null;
  /** Over the last completed epoch; over the present one before the first is complete. */
  metrics: Measured | null;
  test: Measured | null;
  weightsSha256: string | null;
  /** The newest checkpoint, relative to the run directory. */
  checkpoint: string | null;
  /** Changes of membership while it trained: at which step, why, and who was there from then on, by rank. */
  regroupings: {
    generation: number;
    step: number;
    why: string;
    workers: { host: string; pid: number }[];
  }[];
  processes: { role: 'coordinator' | 'worker'; rank: number | null; pid: number; host: string }[];
}

/** Means by name; those without `val_`. */
type Measured = Logs & { loss: number; accuracy: number };

export interface RecordOptions {
  readonly directory: string;
  readonly runId: string;
  readonly version: string;
  readonly config: Record<string, Sourced>;
  /** What a run that is resumed has reached before; null for a new one. */
  readonly resumed: Pick<
    RunRecord,
    'epochs' | 'steps' | 'metrics' | 'weightsSha256' | 'checkpoint' | 'worldSize'
  > | null;
}

/** Between two writes that only tell of steps. */
const stepIntervalMs = 2_000;

/** Keeps `run.json` current. Writes are atomic, one at a time, and only the newest content is written. */
export class RunRecorder {
  readonly throughput = new Throughput();
  readonly #breakdown = new StepBreakdown();
  readonly #file: string;
  readonly #record: RunRecord;
  #writing: Promise<void> = Promise.resolve();
  #pending = false;
  #failure: unknown = null;
  #writtenAt = 0;

  constructor({ directory, runId, version, config, resumed }: RecordOptions) {
    this.#file = join(directory, 'run.json');
    const now = new Date().toISOString();
    this.#record = {
      runId,
      lockstepVersion: version,
      startedAt: now,
      updatedAt: now,
      stoppedBy: null,
      exitCode: null,
      error: null,
      config,
      engine: null,
      allReduce: null,
      devices: [],
      worldSize: 0,
      epochs: 0,
      steps: 0,
      skippedSteps: 0,
      breakdown: null,
      imagesPerSecond: null,
      metrics: null,
      test: null,
      weightsSha256: null,
      checkpoint: null,
      regroupings: [],
      processes: [{ role: 'coordinator', rank: null, pid: process.pid, host: hostname() }],
      ...resumed,
    };
  }

  get record(): Readonly<RunRecord> {
    return this.#record;
  }

  /** @throws RUN_DIRECTORY when it cannot be written, before anything was trained */
  async begin(): Promise<void> {
    this.#write();
    await this.#settled();
  }

  observe(news: News): void {
    this.throughput.observe(news, performance.now());
    const record = this.#record;
    switch (news.news) {
      case 'started':
        this.#seat(news.members);
        record.engine = news.members[0]?.engine ?? null;
        record.epochs = news.cursor.epoch;
        record.steps = news.cursor.step;
        break;
      case 'regrouped': {
        const { generation, members, cursor, why } = news;
        this.#seat(members);
        record.steps = cursor.step;
        const workers = members.map(({ host, pid }) => ({ host, pid }));
        record.regroupings.push({ generation, step: cursor.step, why, workers });
        break;
      }
      case 'reloaded':
        record.epochs = news.cursor.epoch;
        record.steps = news.cursor.step;
        break;
      case 'linked': {
        const { news: _news, ...allReduce } = news;
        record.allReduce = allReduce;
        break;
      }
      case 'step':
        record.steps = news.cursor.step;
        record.imagesPerSecond = this.throughput.imagesPerSecond;
        this.#breakdown.observe(news.times);
        if (record.epochs === 0) record.metrics = metricsOf(news.logs);
        if (Date.now() - this.#writtenAt < stepIntervalMs) return;
        break;
      case 'skipped':
        record.skippedSteps = news.count;
        break;
      case 'epoch':
        record.epochs = news.record.epoch + 1;
        record.metrics = metricsOf(news.record.logs);
        break;
      case 'tested':
        record.test = metricsOf(news.logs);
        break;
      case 'saved':
        // A rank that is left may have applied the step in which another one was lost.
        if (news.step >= record.steps) {
          record.steps = news.step;
          record.weightsSha256 = news.weightsSha256;
        }
        record.checkpoint = `checkpoints/${news.file.split(/[\\/]/).at(-1)}`;
        break;
      case 'hash':
        record.weightsSha256 = news.weightsSha256;
        break;
      default:
        return;
    }
    this.#write();
  }

  /**
   * @param logs of the workers that it ended with
   * @throws RUN_DIRECTORY when the last state of the run cannot be written
   */
  async end(outcome: Outcome, logs: LogTail[] = []): Promise<void> {
    const { stoppedBy, code, message, hint } = outcome;
    this.#record.stoppedBy = stoppedBy;
    this.#record.exitCode = exitCodeOfOutcome(outcome);
    this.#record.error =
      stoppedBy === 'error' ? { code: code ?? 'INTERNAL', message, hint, logs } : null;
    this.#write();
    await this.#settled();
  }

  /** The process is about to end without a clean stop: the one write that cannot wait. */
  abandon(signal: StopSignal): void {
    if (this.#record.stoppedBy !== null) return;
    this.#record.stoppedBy = 'signal';
    this.#record.exitCode = signalExitCodes[signal];
    this.#record.updatedAt = new Date().toISOString();
    try {
      writeFileSync(this.#file, this.#text());
    } catch {
      // The process ends now; that the run was not finished shows in its checkpoints.
    }
  }

  /** These have the ranks now. */
  #seat(members: readonly Member[]): void {
    const record = this.#record;
    const [coordinator] = record.processes;
    const workers = members.map(({ rank, pid, host }) => ({
      role: 'worker' as const,
      rank,
      pid,
      host,
    }));
    record.processes = [coordinator!, ...workers];
    record.worldSize = members.length;
    record.devices = [...new Set(members.map(({ device }) => device))];
  }

  #text(): string {
    this.#record.breakdown = this.#breakdown.result;
    return `${JSON.stringify(this.#record, null, 2)}\n`;
  }

  #write(): void {
    this.#writtenAt = Date.now();
    if (this.#pending) return;
    this.#pending = true;
    this.#writing = this.#writing.then(async () => {
      this.#pending = false;
      this.#record.updatedAt = new Date().toISOString();
      try {
        await writeAtomically(this.#file, [this.#text()]);
        this.#failure = null;
      } catch (thrown) {
        this.#failure = thrown;
      }
    });
  }

  async #settled(): Promise<void> {
    await this.#writing;
    if (this.#failure !== null) throw this.#failure;
  }
}

export function exitCodeOfOutcome({ stoppedBy, code, signal }: Outcome): number {
  if (stoppedBy === 'signal') return signalExitCodes[signal ?? 'SIGINT'];
  return stoppedBy === 'error' ? exitCodeOf(code ?? 'INTERNAL') : 0;
}

export function metricsOf(logs: Logs | undefined): RunRecord['metrics'] {
  if (logs === undefined) return null;
  const { loss = Number.NaN, accuracy = Number.NaN } = logs;
  const own = Object.entries(logs).filter(([name]) => !name.startsWith('val_'));
  return { ...Object.fromEntries(own), loss, accuracy };
}

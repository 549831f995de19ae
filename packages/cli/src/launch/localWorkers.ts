import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, fstatSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { LogTail } from '@lockstep/coordinator';
import type { ErrorCode } from '@lockstep/core';
import type { Share } from '../devices/assign.js';
import { type RunDirectory, workerLog } from './runDirectory.js';
import { warningIn } from './warnings.js';
import { lastErrorIn, readEnd, tailOf } from './workerLog.js';

export interface LocalWorkerOptions {
  readonly address: string;
  readonly runId: string;
  readonly engine: string;
  /** By slot. */
  readonly shares: readonly Share[];
  /** Where a worker may go on without the GPU that it is given. */
  readonly allowCpu: boolean;
  readonly dataDir: string | null;
  readonly directory: RunDirectory;
  /** What a worker warns of; its log has it, too. */
  readonly onWarning: (message: string) => void;
  /** @param code of the error that the worker reported, if it did */
  readonly onExit: (slot: number, code: ErrorCode | null, reason: string) => void;
}

/** A worker that was told to stop may take so long to end by itself. */
const graceMs = 2_000;
const program = fileURLToPath(new URL('../../bin/lockstep.js', import.meta.url));

/**
 * Worker processes on this machine. Each writes to a log file of its own, and hears by the closing of its
 * IPC channel when this process is gone, however it went.
 */
export class LocalWorkers {
  readonly #children = new Map<number, ChildProcess>();
  /** Where the log of the present process of a slot begins in its file, in bytes. */
  readonly #logBegins = new Map<number, number>();

  constructor(private readonly options: LocalWorkerOptions) {
    // Whatever way this process ends, none of its workers is left behind.
    process.once('exit', this.#killAll);
  }

  start(slot: number): void {
    const { address, runId, engine, shares, allowCpu, dataDir, directory } = this.options;
    const { onWarning, onExit } = this.options;
    const { threads, device } = shares[slot]!;
    const log = workerLog(directory, slot);
    const descriptor = openSync(log, 'a');
    this.#logBegins.set(slot, fstatSync(descriptor).size);
    const dataFlags = dataDir === null ? [] : ['--data-dir', dataDir];
    const child = spawn(
      process.execPath,
      [
        program,
        'worker',
        ...['--connect', address, '--run', runId, '--slot', String(slot), '--engine', engine],
        ...['--threads', String(threads), '--devices', device],
        ...(allowCpu ? ['--allow-cpu'] : []),
        ...dataFlags,
      ],
      { stdio: ['ignore', descriptor, descriptor, 'ipc'] },
    );
    closeSync(descriptor);
    this.#children.set(slot, child);
    child.on('message', (message) => {
      const warning = warningIn(message);
      if (warning !== null) onWarning(warning);
    });
    child.once('exit', (code, signal) => {
      this.#children.delete(slot);
      const said = lastErrorIn(this.#logOf(slot));
      const how = signal === null ? `exit code ${code}` : `signal ${signal}`;
      onExit(
        slot,
        said?.code ?? null,
        `its process ended with ${how}${said ? `: ${said.text}` : ''}`,
      );
    });
    child.once('error', (error) => {
      // A process that never was does not exit, either.
      if (child.pid !== undefined) return;
      this.#children.delete(slot);
      onExit(slot, null, `its process could not be started: ${error.message}`);
    });
  }

  /** Even one that is stopped; nothing where it has ended. */
  kill(slot: number): void {
    this.#children.get(slot)?.kill('SIGKILL');
  }

  /** How the logs of these end, as far as they can be read. */
  tails(slots: readonly number[]): LogTail[] {
    return slots.map((slot) => ({
      file: `logs/worker-${slot}.log`,
      lines: tailOf(this.#logOf(slot)),
    }));
  }

  #logOf(slot: number): string {
    return readEnd(workerLog(this.options.directory, slot), this.#logBegins.get(slot) ?? 0);
  }

  /** Waits for those that were told to stop; what still runs then is killed. */
  async end(): Promise<void> {
    const ended = [...this.#children.values()].map(
      (child) => new Promise((resolve) => child.once('exit', resolve)),
    );
    const timer = setTimeout(this.#killAll, graceMs);
    await Promise.all(ended);
    clearTimeout(timer);
    process.removeListener('exit', this.#killAll);
  }

  readonly #killAll = (): void => {
    for (const child of this.#children.values()) child.kill('SIGKILL');
  };
}

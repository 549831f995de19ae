import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunRecord } from '@lockstep/coordinator';
import { afterAll } from 'vitest';

const program = fileURLToPath(new URL('../../packages/cli/bin/lockstep.js', import.meta.url));

/** A started `lockstep`, real process and all. */
export interface Running {
  readonly process: ChildProcess;
  /** What it printed so far, on both streams. */
  readonly output: () => string;
  /** Resolves when the output matches; rejects when the process ends before. */
  readonly until: (pattern: RegExp) => Promise<RegExpExecArray>;
  readonly ended: Promise<Ended>;
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface StartOptions {
  readonly env?: Record<string, string>;
  readonly cwd?: string;
  /** A command that runs the one that follows it, in other surroundings. */
  readonly under?: readonly string[];
}

const started = new Set<ChildProcess>();
const folders: string[] = [];

afterAll(() => {
  for (const child of started) child.kill('SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A folder that goes with the test file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-test-'));
  folders.push(folder);
  return folder;
}

export function start(args: readonly string[], options: StartOptions = {}): Running {
  const [command, ...rest] = [...(options.under ?? []), process.execPath, program, ...args];
  const child = spawn(command!, rest, {
    stdio: ['ignore', 'pipe', 'pipe'],
    // What each run ends with takes a second or two, and is looked at where it is tested.
    env: { ...process.env, NO_COLOR: '1', LOCKSTEP_NO_REPORT: '1', ...options.env },
    cwd: options.cwd,
  });
  started.add(child);
  const texts = { stdout: '', stderr: '' };
  const listeners = new Set<() => void>();
  const collect = (stream: 'stdout' | 'stderr') => (chunk: Buffer) => {
    texts[stream] += chunk;
    for (const listener of listeners) listener();
  };
  child.stdout.on('data', collect('stdout'));
  child.stderr.on('data', collect('stderr'));
  const output = () => texts.stdout + texts.stderr;
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code) => {
      started.delete(child);
      resolve({ code, ...texts });
    });
  });
  const until = (pattern: RegExp) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const check = () => {
        const match = pattern.exec(output());
        if (match === null) return;
        listeners.delete(check);
        resolve(match);
      };
      listeners.add(check);
      void ended.then(() => {
        if (!pattern.test(output())) reject(new Error(`no ${pattern} in:\n${output()}`));
      });
      check();
    });
  return { process: child, output, until, ended };
}

/** Runs it to its end. */
export const lockstep = (args: readonly string[], options?: StartOptions): Promise<Ended> =>
  start(args, options).ended;

/** What `--json` printed, an object a line. */
export const jsonLines = (stdout: string) =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

export const readRun = (directory: string): RunRecord =>
  JSON.parse(readFileSync(join(directory, 'run.json'), 'utf8')) as RunRecord;

/** Whether a process of that number lives. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Looks every 50 ms until it holds; the test's own timeout is the deadline. */
export async function eventually(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 50));
}

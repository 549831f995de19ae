import { readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from '@lockstep/core';
import { installError } from './installError.js';
import { processSpace } from './processSpace.js';

/** Who installs, as the lock file says. */
interface Holder {
  readonly host: string;
  readonly pid: number;
  /** Where that number means something. */
  readonly space: string;
}

export interface LockOptions {
  /** Called once when another process is waited for. */
  readonly onWait: (holder: Holder | null) => void;
  /** A holder that shows no sign of life for so long is taken for dead. */
  readonly silenceMs?: number;
  /** How long to wait in all. */
  readonly deadlineMs?: number;
}

const beatMs = 2_000;
const lookMs = 100;
const held = new Set<string>();

/**
 * Runs `act` while no other process that installs the same does: it would fetch the same bytes. This saves
 * work and nothing else; should two act at once (a lock was taken for a dead one's), both still succeed,
 * because what they make is renamed to its place when it is whole.
 *
 * @throws ENGINE_INSTALL when another process holds the lock past the deadline
 */
export async function withLock<Result>(
  file: string,
  options: LockOptions,
  act: () => Promise<Result>,
): Promise<Result> {
  await acquire(file, options);
  held.add(file);
  const beat = setInterval(() => {
    const now = new Date();
    // Whoever took the lock for a dead one's has removed it.
    utimes(file, now, now).catch(() => undefined);
  }, beatMs);
  beat.unref();
  try {
    return await act();
  } finally {
    clearInterval(beat);
    held.delete(file);
    const holder = await holderOf(file);
    if (holder !== null && isMine(holder)) await rm(file, { force: true });
  }
}

async function acquire(
  file: string,
  { onWait, silenceMs = 30_000, deadlineMs = 3_600_000 }: LockOptions,
): Promise<void> {
  const begun = performance.now();
  let seen = { beat: Number.NaN, at: begun };
  let told = false;
  while (!(await create(file))) {
    const holder = await holderOf(file);
    const now = performance.now();
    const beat = await stat(file).then(
      ({ mtimeMs }) => mtimeMs,
      () => Number.NaN,
    );
    // Clocks of other machines differ: what counts is that the time of the file changes.
    if (beat !== seen.beat) seen = { beat, at: now };
    if (isDead(file, holder) || now - seen.at > silenceMs) {
      await rm(file, { force: true });
      continue;
    }
    if (now - begun > deadlineMs) {
      const who = holder === null ? 'another process' : `process ${holder.pid} on ${holder.host}`;
      throw installError(
        `${who} has been installing the engine for ${Math.round((now - begun) / 60_000)} minutes`,
        `Wait for it or end it; if there is none, remove ${file}.`,
      );
    }
    if (!told) onWait(holder);
    told = true;
    await sleep(lookMs);
  }
}

async function create(file: string): Promise<boolean> {
  const holder: Holder = { host: hostname(), pid: process.pid, space: processSpace };
  try {
    await writeFile(file, JSON.stringify(holder), { flag: 'wx' });
    return true;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw thrown;
  }
}

/** Null for a file that is gone or not yet written: then only its time tells. */
async function holderOf(file: string): Promise<Holder | null> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Holder;
  } catch {
    return null;
  }
}

const isMine = ({ space, pid }: Holder): boolean => space === processSpace && pid === process.pid;

function isDead(file: string, holder: Holder | null): boolean {
  if (holder === null || holder.space !== processSpace) return false;
  return isMine(holder) ? !held.has(file) : !isAlive(holder.pid);
}

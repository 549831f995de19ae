import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { LockstepError, makeFolder } from '@lockstep/core';
import type { RunLock } from './runLock.js';

export interface RunDirectory {
  readonly path: string;
  readonly checkpoints: string;
  readonly logs: string;
}

/** `20261121-034500-cnn-1f3a`: sorts by time, tells the model, and is not taken. */
export function newRunId(model: string, now = new Date()): string {
  const time = now.toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-');
  // A model file may have any name for its model.
  const name = model.replace(/[^\w.-]+/g, '_');
  return `${time}-${name}-${randomBytes(2).toString('hex')}`;
}

/**
 * Makes the directory of a new run with the folders in it, and takes it.
 *
 * @throws RUN_DIRECTORY when it cannot be made, or when another run is in it
 */
export async function createRunDirectory(path: string, lock: RunLock): Promise<RunDirectory> {
  const directory = await makeFolders(path);
  await lock.take(directory.path, say);
  if (hasCheckpoint(path)) {
    throw new LockstepError('RUN_DIRECTORY', `${path} has a run in it already`, {
      hint: `Go on with it with --resume ${path}, or give another --run-dir.`,
    });
  }
  // One that ended before it had saved anything is begun again.
  return directory;
}

/** Whether a run in this directory has come far enough to go on with it. */
export function hasCheckpoint(path: string): boolean {
  const checkpoints = join(path, 'checkpoints');
  return existsSync(checkpoints) && readdirSync(checkpoints).some((file) => file.endsWith('.ckpt'));
}

/**
 * Takes the directory of a run that is to go on.
 *
 * @throws RUN_DIRECTORY when there is no run in it, it cannot be written, or the run still goes on
 */
export async function openRunDirectory(path: string, lock: RunLock): Promise<RunDirectory> {
  const entries = await readdir(path).catch((): string[] => []);
  if (!entries.includes('run.json')) {
    throw new LockstepError('RUN_DIRECTORY', `${path} is not the directory of a run`, {
      hint: 'Give the directory that the run printed, with run.json and checkpoints/ in it.',
    });
  }
  const directory = await makeFolders(path);
  await lock.take(directory.path, say);
  return directory;
}

const say = (why: string): void => void process.stderr.write(`${why}\n`);

async function makeFolders(path: string): Promise<RunDirectory> {
  const directory = {
    path: resolve(path),
    checkpoints: resolve(path, 'checkpoints'),
    logs: resolve(path, 'logs'),
  };
  try {
    await makeFolder(directory.checkpoints);
    await makeFolder(directory.logs);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new LockstepError('RUN_DIRECTORY', `the run directory cannot be made: ${reason}`, {
      hint: 'Give a directory that can be written with --run-dir.',
      cause,
    });
  }
  return directory;
}

export const workerLog = (directory: RunDirectory, slot: number): string =>
  join(directory.logs, `worker-${slot}.log`);

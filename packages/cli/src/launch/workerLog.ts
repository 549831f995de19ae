import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { type ErrorCode, errorCodes } from '@lockstep/core';

const tailLines = 8;

/** What is read of a log, in bytes: the end of it. A process may write as much as it likes. */
const mostBytes = 65_536;

/**
 * The end of what a process has written to a log that it shares with those before it; nothing where that cannot be
 * read: the log is a convenience.
 *
 * @param begin of this process's part, in bytes
 */
export function readEnd(file: string, begin: number): string {
  try {
    const descriptor = openSync(file, 'r');
    try {
      const { size } = fstatSync(descriptor);
      const from = Math.max(begin, size - mostBytes);
      const end = Buffer.alloc(Math.max(0, size - from));
      return end.toString('utf8', 0, readSync(descriptor, end, 0, end.length, from));
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return '';
  }
}

/** The last error that a worker reported: `error CODE: text`. */
export function lastErrorIn(log: string): { code: ErrorCode | null; text: string } | null {
  const [, code, text] = [...log.matchAll(/^error ([A-Z_]+): (.*)$/gm)].at(-1) ?? [];
  if (code === undefined || text === undefined) return null;
  return { code: errorCodes.find((known) => known === code) ?? null, text };
}

/** The last lines that are not empty. */
export const tailOf = (log: string): string[] =>
  log
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-tailLines);

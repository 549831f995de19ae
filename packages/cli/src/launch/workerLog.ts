import { readFileSync } from 'node:fs';
import { type ErrorCode, errorCodes } from '@lockstep/core';

const tailLines = 8;

/**
 * What a process has written to a log that it shares with those before it; nothing where that cannot be read: the log
 * is a convenience.
 *
 * @param begin in bytes
 */
export function readFrom(file: string, begin: number): string {
  try {
    return readFileSync(file).subarray(begin).toString('utf8');
  } catch {
    return '';
  }
}

/** The last error that a worker reported: `error CODE: text`. */
export function lastErrorIn(log: string): { code: ErrorCode | null; text: string } | null {
  const [, code, text] = log.match(/.*^error ([A-Z_]+): (.*)$/ms) ?? [];
  if (code === undefined || text === undefined) return null;
  return {
    code: errorCodes.find((known) => known === code) ?? null,
    text: text.split('\n')[0] ?? '',
  };
}

/** The last lines that are not empty. */
export const tailOf = (log: string): string[] =>
  log
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-tailLines);

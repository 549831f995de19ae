import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/**
 * The same for processes that see each other by number: a machine that is not this one may have its name, one that was
 * started again has other processes, and so has each container. What is not there (`/proc` is Linux's) is left out.
 */
export function placeOfNumbers(): string {
  const boot = textOf(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
  const numbers = textOf(() => readlinkSync('/proc/self/ns/pid'));
  return [hostname(), boot, numbers].join(' ');
}

/**
 * When a process was started, since numbers are given again; empty: it is not there, or this system does not tell.
 * The name of the program, in parentheses before, may have anything in it.
 */
export const birthOf = (pid: number): string =>
  textOf(() => readFileSync(`/proc/${pid}/stat`, 'utf8'))
    .split(')')
    .at(-1)!
    .split(' ')[20] ?? '';

function textOf(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}

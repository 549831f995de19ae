// How much memory a process has: /proc, so Linux only.
import { readFileSync } from 'node:fs';

/** @returns bytes resident now, and at most so far */
export function residentMemoryOf(pid) {
  return parseStatus(readFileSync(`/proc/${pid}/status`, 'utf8'));
}

/** Of lines such as `VmRSS:	  123456 kB`. */
export function parseStatus(text) {
  const bytesOf = (field) => {
    const [, kilobytes] = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(text) ?? [];
    if (kilobytes === undefined) throw new Error(`a process says nothing of its ${field}`);
    return 1024 * Number(kilobytes);
  };
  return { now: bytesOf('VmRSS'), most: bytesOf('VmHWM') };
}

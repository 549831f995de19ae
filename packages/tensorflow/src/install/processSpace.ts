import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/**
 * The machine and container in which process numbers mean something, in eight digits: a cache may be shared
 * over a network or between containers, where the same number is another process.
 */
export const processSpace: string = createHash('sha256')
  .update([hostname(), bootId(), processNamespace()].join('\n'))
  .digest('hex')
  .slice(0, 8);

function bootId(): string {
  return orNothing(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'));
}

function processNamespace(): string {
  return orNothing(() => readlinkSync('/proc/self/ns/pid'));
}

/** Only Linux has these; elsewhere the name of the host must do. */
function orNothing(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}

import type { ThreadsChoice } from '../options/compute.js';

/** What one process computes with. */
export interface Share {
  /** Threads that compute at once; at least 1. */
  readonly threads: number;
  /** `cpu`, a GPU, or `auto`: what the engine finds. */
  readonly device: string;
}

/**
 * What each of the local workers gets: the cores are divided evenly, whatever is left over stays free for the
 * coordinator; the devices are dealt in turn, as cards are.
 *
 * @param workers processes on this machine that compute; 1 for a lone one
 * @param cores that this process may use
 * @returns by slot
 */
export function assignShares(
  choice: { readonly threads: ThreadsChoice; readonly devices: readonly string[] },
  workers: number,
  cores: number,
): Share[] {
  const { devices } = choice;
  const threads =
    choice.threads === 'auto' ? Math.max(1, Math.floor(cores / workers)) : choice.threads;
  return Array.from({ length: workers }, (_, slot) => ({
    threads,
    device: devices[slot % devices.length] ?? 'auto',
  }));
}

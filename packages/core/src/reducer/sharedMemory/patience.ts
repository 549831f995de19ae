import type { Libc } from './libc.js';

/** Looks before the processor is first yielded. */
const eagerLooks = 100;
/** How long a rank looks without letting the event loop turn. */
const spinMs = 0.1;
/** How long it looks once in every turn of the event loop, before it sleeps between looks. */
const turnsMs = 5;

/**
 * Waits for what other processes do to memory, which nothing tells of. Most ranks are late by microseconds, so
 * it looks without pause at first; it lets others have the processor, for there may be more ranks than
 * processors and the one waited for may need this one; then it lets the event loop turn, and in the end sleeps
 * for a millisecond between two looks.
 *
 * @param there may throw, which ends the wait
 * @param deadline of performance.now()
 * @returns whether it was there before the deadline
 */
export async function until(
  there: () => boolean,
  deadline: number,
  { yieldProcessor }: Pick<Libc, 'yieldProcessor'>,
): Promise<boolean> {
  for (let looks = 0; looks < eagerLooks; looks += 1) if (there()) return true;
  const begun = performance.now();
  while (performance.now() - begun < spinMs) {
    yieldProcessor();
    if (there()) return true;
  }
  for (;;) {
    const now = performance.now();
    if (now - begun < turnsMs) {
      yieldProcessor();
      await new Promise(setImmediate);
    } else {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    if (there()) return true;
    if (now > deadline) return false;
  }
}

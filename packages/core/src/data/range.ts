import { LockstepError } from '../errors.js';
import type { Range } from './dataset.js';

export function rangeLength(range: Range): number {
  return range.end - range.begin;
}

/** Whether a range is one at all, and lies in `[0, size)`. Empty ranges do, up to `[size, size)`. */
export function isWithin(range: Range, size: number): boolean {
  return (
    Number.isInteger(range.begin) &&
    Number.isInteger(range.end) &&
    range.begin >= 0 &&
    range.begin <= range.end &&
    range.end <= size
  );
}

/** For ranges of our own making: a wrong one is a bug (INTERNAL). */
export function assertWithin(range: Range, size: number): void {
  if (!isWithin(range, size)) {
    throw new LockstepError(
      'INTERNAL',
      `range ${range.begin}..${range.end} does not lie in 0..${size}`,
    );
  }
}

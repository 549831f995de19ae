import type { Range } from '../data/index.js';
import { LockstepError } from '../errors.js';

/** Elements of a cache line: two ranks never write to the same one, and vectors begin at whole ones. */
const lineLength = 16;

/**
 * How a flat array is cut among ranks: contiguous, in rank order, at multiples of 16 elements, of nearly equal
 * length. Parts may be empty where there are few elements.
 *
 * @returns `parts` ranges that cover 0 to `length`
 */
export function partition(length: number, parts: number): Range[] {
  if (!Number.isSafeInteger(length) || length < 0 || !Number.isSafeInteger(parts) || parts < 1) {
    throw new LockstepError('INTERNAL', `${length} elements cannot be cut into ${parts} parts`);
  }
  return Array.from({ length: parts }, (_, i) => ({
    begin: partBegin(length, parts, i),
    end: partBegin(length, parts, i + 1),
  }));
}

/** Where one of the parts of `partition` begins; 0 to `parts`: the last one is the length. */
export function partBegin(length: number, parts: number, part: number): number {
  const lines = Math.ceil(length / lineLength);
  return Math.min(length, Math.floor((lines * part) / parts) * lineLength);
}

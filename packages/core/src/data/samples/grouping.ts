import type { Range } from '../dataset.js';
import { rangeLength } from '../range.js';

/** Consecutive ranges in groups of at most `maximum` samples; a longer range is a group of its own. */
export function groupRanges(ranges: readonly Range[], maximum: number): Range[][] {
  const groups: Range[][] = [];
  let room = 0;
  for (const range of ranges) {
    const length = rangeLength(range);
    if (length > room || groups.length === 0) {
      groups.push([]);
      room = maximum;
    }
    groups.at(-1)!.push(range);
    room -= length;
  }
  return groups;
}

/** Cuts a range into pieces of at most `maximum` samples. */
export function cutRange(range: Range, maximum: number): Range[] {
  const pieces: Range[] = [];
  for (let begin = range.begin; begin < range.end; begin += maximum) {
    pieces.push({ begin, end: Math.min(begin + maximum, range.end) });
  }
  return pieces;
}

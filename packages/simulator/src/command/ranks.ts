import { LockstepError } from '@lockstep/core';

/** More would take hours, and nobody has them. */
const mostRanks = 16_384;

/**
 * `256`, `1,2,6`, or `1..4096`: the powers of two from 1 to 4,096, and both ends.
 *
 * @throws USAGE for anything else
 */
export function parseRanks(text: string): number[] {
  const range = /^(\d+)\.\.(\d+)$/.exec(text);
  const numbers = range
    ? doubling(Number(range[1]), Number(range[2]))
    : text.split(',').map(Number);
  const isRight = numbers.every(
    (ranks) => Number.isInteger(ranks) && ranks >= 1 && ranks <= mostRanks,
  );
  if (isRight && numbers.length > 0) return [...new Set(numbers)].sort((a, b) => a - b);
  throw new LockstepError('USAGE', `--ranks takes numbers of ranks, not '${text}'`, {
    hint: `Write 256, or 2,4,8, or 1..4096; at most ${mostRanks}.`,
  });
}

function doubling(first: number, last: number): number[] {
  if (first < 1 || last > mostRanks || first > last) return [];
  const numbers = [first, last];
  for (let ranks = 1; ranks < last; ranks *= 2) if (ranks > first) numbers.push(ranks);
  return numbers;
}

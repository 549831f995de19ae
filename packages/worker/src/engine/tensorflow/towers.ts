import type { Range } from '@lockstep/core/data';

/** What a step's cost depends on, apart from the number of samples. */
export interface Work {
  /** Elements that a sample's forward pass makes, all layers together. */
  readonly activations: number;
  /** Elements of the trainable weights, which each part of a batch has a gradient of. */
  readonly weights: number;
}

/** Elements that a core's second-level cache holds well (4 bytes each). */
const cached = 1_500_000;
/** A part must have so many times more activations than there are weights that its gradient costs. */
const worthwhile = 1;

/**
 * How a batch is split over the cores of one process: towers are computed beside each other, one thread
 * each, the parts of a tower one after the other. Threads that share an op meet at its end, once for every
 * op, and wait for each other; towers meet once a step. Parts that fit into the cache are read from there
 * by the next op.
 *
 * @returns towers of parts; one of one: the batch as it is
 */
export function planTowers(samples: number, threads: number, work: Work): Range[][] {
  const perTower = Math.ceil(samples / threads);
  const isWorthIt = perTower * work.activations > worthwhile * work.weights;
  if (threads < 2 || samples < 2 * threads || !isWorthIt) return [[{ begin: 0, end: samples }]];
  const largest = Math.max(1, Math.floor(cached / work.activations));
  return slices({ begin: 0, end: samples }, perTower).map((tower) => {
    const parts = Math.ceil((tower.end - tower.begin) / largest);
    return slices(tower, Math.ceil((tower.end - tower.begin) / parts));
  });
}

function slices({ begin, end }: Range, length: number): Range[] {
  const parts: Range[] = [];
  for (let at = begin; at < end; at += length) {
    parts.push({ begin: at, end: Math.min(at + length, end) });
  }
  return parts;
}

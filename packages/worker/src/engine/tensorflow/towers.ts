import type { Range } from '@lockstep/core/data';
import { orderAfter } from '@lockstep/tensorflow';
import { add, addN, slice, type Tensor } from '@tensorflow/tfjs-core';

/** What a pass costs, apart from the number of samples. */
export interface Work {
  /** Elements that a sample's forward pass makes, all layers together. */
  readonly activations: number;
  /** Elements of the trainable weights: each part of a batch has a gradient of that size to add up. */
  readonly weights: number;
}

/** How a batch is computed by the threads of one process. */
export interface Plan {
  /** Threads that share an op. */
  readonly threadsOfOp: number;
  /** Towers, computed beside each other, of parts, computed one after the other. */
  towers(samples: number): readonly (readonly Range[])[];
}

/** A batch of the usual size; more activations than weights in it, and it is worth to be split. */
const usualBatch = 32;
/** Samples of a tower: with fewer its ops take no longer than it takes to begin them. */
const fewestSamples = 4;
/** Activations of a part, in elements: larger ones leave a core's cache before the next op reads them. */
const partActivations = 3_000_000;
/** Of a tower: each takes some 5 ms to capture, in which the event loop stands still. */
const mostParts = 64;

/** A batch as it is, and the threads at one op after the other. */
export const wholeBatches = (threads: number): Plan => ({
  threadsOfOp: threads,
  towers: (samples) => [[{ begin: 0, end: samples }]],
});

/**
 * Threads that share an op meet at its end, once for every op, and wait for each other. Where gradients are
 * small beside the activations they come from, each thread takes a part of the batch instead, all the way
 * through, and they meet once a step.
 */
export function planTowers(threads: number, { activations, weights }: Work): Plan {
  if (usualBatch * activations <= weights) return wholeBatches(threads);
  const largest = Math.max(1, Math.floor(partActivations / activations));
  return {
    threadsOfOp: 1,
    towers: (samples) =>
      split({ begin: 0, end: samples }, towersFor(samples, threads)).map((tower) =>
        split(tower, Math.min(mostParts, Math.ceil((tower.end - tower.begin) / largest))),
      ),
  };
}

const towersFor = (samples: number, threads: number): number =>
  Math.max(1, Math.min(threads, Math.floor(samples / fewestSamples)));

/** Sizes differ by at most one. */
function split({ begin, end }: Range, parts: number): Range[] {
  const bound = (i: number): number => begin + Math.floor(((end - begin) * i) / parts);
  return Array.from({ length: parts }, (_, i) => ({ begin: bound(i), end: bound(i + 1) }));
}

/**
 * The sums over all parts of what `work` gives for a part.
 *
 * @param images `[samples, ...]`
 * @param work as a function of the part's images and of where they lie in the batch
 */
export function sumOfParts<Name extends string>(
  { towers }: Plan,
  images: Tensor,
  work: (images: Tensor, range: Range) => Record<Name, Tensor>,
): Record<Name, Tensor> {
  const sums = towers(images.shape[0]!).map((parts) => {
    let sum: Record<Name, Tensor> | undefined;
    for (const range of parts) {
      const length = range.end - range.begin;
      const own = length === images.shape[0] ? images : slice(images, range.begin, length);
      const before: Tensor[] = sum === undefined ? [] : Object.values(sum);
      const results = work(before.length === 0 ? own : orderAfter(own, before), range);
      sum = sum === undefined ? results : combine([sum, results], ([a, b]) => add(a!, b!));
    }
    return sum!;
  });
  return sums.length === 1 ? sums[0]! : combine(sums, addN);
}

function combine<Name extends string>(
  results: readonly Record<Name, Tensor>[],
  of: (tensors: Tensor[]) => Tensor,
): Record<Name, Tensor> {
  const names = Object.keys(results[0]!) as Name[];
  const entries = names.map((name) => [name, of(results.map((each) => each[name]))]);
  return Object.fromEntries(entries) as Record<Name, Tensor>;
}

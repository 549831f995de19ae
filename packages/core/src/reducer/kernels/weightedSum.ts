import type { Range } from '../../data/index.js';
import type { KernelMemory } from './kernelMemory.js';

/** Elements that are finished before the next are begun: 64 KB of the result, which stay in the cache. */
const block = 16_384;

/**
 * result = sum of weights[r] * inputs[r] within a range, added in rank order: ((w0 * i0 + w1 * i1) + w2 * i2) + ...
 * Inputs of weight 0 are left out, whatever they hold. Each element's bits depend on nothing else.
 */
export function weightedSum(
  memory: KernelMemory,
  result: Float32Array,
  inputs: readonly Float32Array[],
  weights: readonly number[],
  { begin, end }: Range,
): void {
  const ranks = weights.flatMap((weight, rank) => (weight === 0 ? [] : [rank]));
  const [first, second, ...others] = ranks;
  if (first === undefined) {
    result.fill(0, begin, end);
    return;
  }
  for (let at = begin; at < end; at += block) {
    const part = (array: Float32Array) => array.subarray(at, Math.min(at + block, end));
    const into = part(result);
    if (second === undefined) {
      memory.scale(into, part(inputs[first]!), weights[first]!);
      continue;
    }
    memory.scaleBoth(
      into,
      part(inputs[first]!),
      weights[first]!,
      part(inputs[second]!),
      weights[second]!,
    );
    for (const rank of others) memory.addScaled(into, part(inputs[rank]!), weights[rank]!);
  }
}

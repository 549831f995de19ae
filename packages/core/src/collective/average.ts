/** Elements that are added up at a time: 32 KB of float64 stay in the first-level cache. */
const blockLength = 4096;
const block = new Float64Array(blockLength);

export interface WeightedGradient {
  readonly gradient: Float32Array;
  readonly samples: number;
}

/**
 * sum(n_r * g_r) / sum(n_r) into `into`. Added in float64, in the order given, and rounded once: the result
 * depends on the order of the parts only, never on when they arrived.
 *
 * @param parts gradients of equal length (that of `into`), by rank; at least one with samples
 */
export function weightedAverage(parts: readonly WeightedGradient[], into: Float32Array): void {
  const total = parts.reduce((sum, { samples }) => sum + samples, 0);
  const heard = parts
    .filter(({ samples }) => samples > 0)
    .map(({ gradient, samples }) => ({ gradient, weight: samples / total }));
  if (heard.length === 2) {
    averageOfTwo(heard[0]!, heard[1]!, into);
    return;
  }
  for (let begin = 0; begin < into.length; begin += blockLength) {
    const length = Math.min(blockLength, into.length - begin);
    block.fill(0);
    for (const { gradient, weight } of heard) addScaled(gradient, begin, length, weight);
    for (let i = 0; i < length; i++) into[begin + i] = block[i]!;
  }
}

interface Scaled {
  readonly gradient: Float32Array;
  readonly weight: number;
}

/** The most common cluster in one pass over memory, with the bits of the general case. */
function averageOfTwo(first: Scaled, second: Scaled, into: Float32Array): void {
  const [a, b] = [first.gradient, second.gradient];
  const [weightA, weightB] = [first.weight, second.weight];
  for (let i = 0; i < into.length; i++) into[i] = weightA * a[i]! + weightB * b[i]!;
}

function addScaled(gradient: Float32Array, begin: number, length: number, weight: number): void {
  for (let i = 0; i < length; i++) block[i] = block[i]! + weight * gradient[begin + i]!;
}

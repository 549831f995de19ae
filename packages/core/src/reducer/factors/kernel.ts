/**
 * A matrix of weights whose gradient is a product: over samples, the sum of `inputs * deltas`, of what a Dense layer was
 * given (`rows` numbers a sample) and of the gradient of what it gave (`columns` numbers).
 */
export interface FactoredKernel {
  /** Where it begins in the flat gradient, in elements; row by row. */
  readonly offset: number;
  readonly rows: number;
  readonly columns: number;
}

export const elementsOf = ({ rows, columns }: FactoredKernel): number => rows * columns;

/** Each product is begun by itself, which takes longer than adding up a matrix of so few elements. */
const fewest = 2 ** 17;
/** Of the kernel's elements, what the factors of a batch may have. With more of them, adding up is as quick. */
const largestShare = 0.75;

/** Whether the factors of so many samples, of all ranks together, are quicker exchanged than the gradient added up. */
export function isWorthFactoring(kernel: FactoredKernel, samples: number): boolean {
  const factors = samples * (kernel.rows + kernel.columns);
  return elementsOf(kernel) >= fewest && factors <= largestShare * elementsOf(kernel);
}

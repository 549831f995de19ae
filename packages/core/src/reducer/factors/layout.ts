import { elementsOf, type FactoredKernel } from './kernel.js';

/** Where things lie in what ranks meet over, in elements. */
export interface FactorLayout {
  /** Elements in all. */
  readonly length: number;
  /** By kernel: the inputs of all samples, `[samples, rows]`, and their deltas, `[samples, columns]`. */
  readonly inputs: readonly number[];
  readonly deltas: readonly number[];
  /** By rank: the gradient without the kernels, which is `restLength` long. */
  readonly rest: readonly number[];
  readonly restLength: number;
}

interface Sizes {
  readonly gradientLength: number;
  readonly worldSize: number;
  /** Of a global batch, at most. */
  readonly samples: number;
}

/** Two cache lines: no two ranks write to what one fetch brings, and vectors begin at whole ones. */
const apart = 32;

/** @param kernels in the order of their offsets */
export function factorLayout(kernels: readonly FactoredKernel[], sizes: Sizes): FactorLayout {
  const { gradientLength, worldSize, samples } = sizes;
  let length = 0;
  const place = (elements: number): number => {
    const begin = length;
    length += Math.ceil(elements / apart) * apart;
    return begin;
  };
  const restLength = restIndex(kernels, gradientLength);
  const inputs = kernels.map(({ rows }) => place(samples * rows));
  const deltas = kernels.map(({ columns }) => place(samples * columns));
  const rest = Array.from({ length: worldSize }, () => place(restLength));
  return { length, inputs, deltas, rest, restLength };
}

/** Where an element of the flat gradient that is no kernel's lies in the gradient without them. */
export function restIndex(kernels: readonly FactoredKernel[], index: number): number {
  return kernels
    .filter(({ offset }) => offset < index)
    .reduce((sum, kernel) => sum - elementsOf(kernel), index);
}

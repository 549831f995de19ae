import type { Range } from '../../data/index.js';
import { elementsOf, type FactoredKernel } from './kernel.js';
import { restIndex } from './layout.js';

/** What a rank's part of the flat gradient is made of; parts without elements are left out. */
export interface OwnPart {
  readonly products: readonly OwnProduct[];
  readonly sums: readonly OwnSum[];
}

/** Some elements of a kernel: they may begin and end within a row. */
interface OwnProduct {
  /** Which of the kernels. */
  readonly kernel: number;
  readonly elements: Range;
  /** Where they belong, in the part. */
  readonly at: number;
}

/** Elements that every rank has whole. */
interface OwnSum {
  /** Where they are in the gradient without the kernels. */
  readonly rest: Range;
  readonly at: number;
}

/** @param kernels in the order of their offsets; no two of them overlap */
export function ownPart(kernels: readonly FactoredKernel[], own: Range): OwnPart {
  const products: OwnProduct[] = [];
  const sums: OwnSum[] = [];
  let reached = own.begin;
  const sumUpTo = (end: number): void => {
    if (end <= reached) return;
    const begin = restIndex(kernels, reached);
    sums.push({ rest: { begin, end: begin + end - reached }, at: reached - own.begin });
    reached = end;
  };
  for (const [index, kernel] of kernels.entries()) {
    const begin = Math.max(own.begin, kernel.offset);
    const end = Math.min(own.end, kernel.offset + elementsOf(kernel));
    if (end <= begin) continue;
    sumUpTo(begin);
    const elements = { begin: begin - kernel.offset, end: end - kernel.offset };
    products.push({ kernel: index, elements, at: begin - own.begin });
    reached = end;
  }
  sumUpTo(own.end);
  return { products, sums };
}

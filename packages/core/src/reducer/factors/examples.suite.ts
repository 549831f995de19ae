import fc from 'fast-check';
import { elementsOf, type FactoredKernel } from './kernel.js';

/** Kernels in the order of their offsets, and how long a gradient is that has them, with other weights around them. */
export interface Example {
  readonly kernels: readonly FactoredKernel[];
  readonly gradientLength: number;
}

const between = fc.nat(20);

/** Kernels of so many rows and columns. */
export const examplesOf = (min: number, max: number): fc.Arbitrary<Example> => {
  const size = fc.integer({ min, max });
  const part = fc.record({ before: between, rows: size, columns: size });
  return fc
    .record({ parts: fc.array(part, { minLength: 1, maxLength: 3 }), after: between })
    .map(({ parts, after }) => {
      let gradientLength = 0;
      const kernels = parts.map(({ before, rows, columns }) => {
        const kernel = { offset: gradientLength + before, rows, columns };
        gradientLength += before + elementsOf(kernel);
        return kernel;
      });
      return { kernels, gradientLength: gradientLength + after };
    });
};

export const examples = examplesOf(1, 12);

/** Which of the kernels has this element of the flat gradient; -1: none. */
export const kernelAt = ({ kernels }: Pick<Example, 'kernels'>, index: number): number =>
  kernels.findIndex((each) => index >= each.offset && index < each.offset + elementsOf(each));

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Example, examples, kernelAt } from './examples.suite.js';
import { restIndex } from './layout.js';
import { ownPart } from './ownPart.js';

/** What each element of a part is said to be: of which kernel, or of the rest, and which element there. */
function saidOf({ kernels }: Example, own: { begin: number; end: number }): string[] {
  const said: string[] = [];
  const { products, sums } = ownPart(kernels, own);
  const put = (at: number, what: string) => {
    expect(said[at]).toBeUndefined();
    said[at] = what;
  };
  for (const { kernel, elements, at } of products) {
    expect(elements.end).toBeGreaterThan(elements.begin);
    for (let i = elements.begin; i < elements.end; i++) {
      put(at + i - elements.begin, `${kernel}:${i}`);
    }
  }
  for (const { rest, at } of sums) {
    expect(rest.end).toBeGreaterThan(rest.begin);
    for (let i = rest.begin; i < rest.end; i++) put(at + i - rest.begin, `rest:${i}`);
  }
  return said;
}

it('says of each element once what it is made of', () => {
  const cases = examples.chain((example) =>
    fc
      .tuple(fc.nat(example.gradientLength), fc.nat(example.gradientLength))
      .map(([a, b]) => ({ example, begin: Math.min(a, b), end: Math.max(a, b) })),
  );
  fc.assert(
    fc.property(cases, ({ example, begin, end }) => {
      const expected = Array.from({ length: end - begin }, (_, i) => {
        const index = begin + i;
        const kernel = kernelAt(example, index);
        return kernel < 0
          ? `rest:${restIndex(example.kernels, index)}`
          : `${kernel}:${index - example.kernels[kernel]!.offset}`;
      });
      expect(saidOf(example, { begin, end })).toEqual(expected);
    }),
  );
});

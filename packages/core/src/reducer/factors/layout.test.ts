import fc from 'fast-check';
import { expect, it } from 'vitest';
import { examples, kernelAt } from './examples.suite.js';
import { factorLayout, restIndex } from './layout.js';

it('gives each use elements of its own, at whole cache lines', () => {
  const sizes = fc.record({ worldSize: fc.integer({ min: 1, max: 9 }), samples: fc.nat(9) });
  fc.assert(
    fc.property(examples, sizes, ({ kernels, gradientLength }, { worldSize, samples }) => {
      const layout = factorLayout(kernels, { gradientLength, worldSize, samples });
      const uses = [
        ...kernels.map(({ rows }, i) => ({ begin: layout.inputs[i]!, length: samples * rows })),
        ...kernels.map(({ columns }, i) => ({
          begin: layout.deltas[i]!,
          length: samples * columns,
        })),
        ...layout.rest.map((begin) => ({ begin, length: layout.restLength })),
      ].sort((a, b) => a.begin - b.begin || a.length - b.length);
      let end = 0;
      for (const { begin, length } of uses) {
        expect(begin % 32).toBe(0);
        expect(begin).toBeGreaterThanOrEqual(end);
        end = begin + length;
      }
      expect(layout.rest).toHaveLength(worldSize);
      expect(layout.length).toBeGreaterThanOrEqual(end);
    }),
  );
});

it('counts what is no kernel, in order', () => {
  fc.assert(
    fc.property(examples, ({ kernels, gradientLength }) => {
      const rest = Array.from({ length: gradientLength }, (_, i) => i).filter(
        (i) => kernelAt({ kernels }, i) < 0,
      );
      expect(rest.map((index) => restIndex(kernels, index))).toEqual(rest.map((_, i) => i));
      const layout = factorLayout(kernels, { gradientLength, worldSize: 1, samples: 1 });
      expect(layout.restLength).toBe(rest.length);
    }),
  );
});

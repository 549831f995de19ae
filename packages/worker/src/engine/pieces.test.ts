import fc from 'fast-check';
import { expect, it } from 'vitest';
import { piecesOf } from './pieces.js';

it('cuts a batch into nearly equal parts that keep their positions', () => {
  const cases = fc.record({
    size: fc.nat({ max: 50 }),
    position: fc.nat({ max: 1000 }),
    count: fc.integer({ min: 1, max: 60 }),
  });
  fc.assert(
    fc.property(cases, ({ size, position, count }) => {
      const labels = Uint8Array.from({ length: size }, (_, i) => i);
      const images = Uint8Array.from({ length: 6 * size }, (_, i) => i % 251);
      const pieces = piecesOf({ size, images, labels }, { step: 4, position }, count, [2, 3, 1]);
      expect(pieces).toHaveLength(Math.min(size, count));
      let begin = 0;
      for (const { batch, moment, weight } of pieces) {
        expect(moment).toEqual({ step: 4, position: position + begin });
        expect(batch.labels).toEqual(labels.subarray(begin, begin + batch.size));
        expect(batch.images).toEqual(images.subarray(6 * begin, 6 * (begin + batch.size)));
        expect(weight).toBe(batch.size / size);
        begin += batch.size;
      }
      expect(begin).toBe(size);
      const sizes = pieces.map(({ batch }) => batch.size);
      if (size > 0) expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
    }),
  );
});

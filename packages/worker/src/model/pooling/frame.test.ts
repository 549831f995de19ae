import fc from 'fast-check';
import { expect, it } from 'vitest';
import { frameOf } from './frame.js';

const sizes = fc.integer({ min: 1, max: 20 });

it('has windows that fill the padded side, each with an element of the image', () => {
  fc.assert(
    fc.property(sizes, sizes, sizes, (size, window, stride) => {
      const { padding, counts } = frameOf(size, window, stride);
      const [before, after] = padding;
      expect(counts.length).toBe(Math.ceil(size / stride));
      expect(after - before).toBeGreaterThanOrEqual(0);
      expect(after - before).toBeLessThanOrEqual(1);
      // The last window ends at the end of the padding, where there is any.
      const end = (counts.length - 1) * stride + window;
      expect(end <= before + size + after).toBe(true);
      if (before + after > 0) expect(end).toBe(before + size + after);
      for (const count of counts) {
        expect(count).toBeGreaterThanOrEqual(1);
        expect(count).toBeLessThanOrEqual(window);
      }
    }),
  );
});

it('counts each element once where windows neither overlap nor leave gaps', () => {
  fc.assert(
    fc.property(sizes, sizes, (size, window) => {
      const { counts } = frameOf(size, window, window);
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(size);
    }),
  );
});

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { layoutOf } from './layout.js';

it('gives every rank lines of its own, and no byte to two uses', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 64 }), fc.nat(100_000), (worldSize, length) => {
      const layout = layoutOf(worldSize, length);
      const ranks = Array.from({ length: worldSize }, (_, rank) => rank);
      const header = { begin: 0, bytes: 16 };
      const uses = [
        header,
        ...ranks.map((rank) => ({ begin: layout.announced(rank), bytes: 12 })),
        ...ranks.map((rank) => ({ begin: layout.done(rank), bytes: 4 })),
        ...ranks.map((rank) => ({ begin: layout.input(rank), bytes: length * 4 })),
        { begin: layout.result, bytes: length * 4 },
        { begin: layout.gathered, bytes: length * 4 },
      ].sort((a, b) => a.begin - b.begin || a.bytes - b.bytes);
      let end = 0;
      for (const { begin, bytes } of uses) {
        expect(begin % 128).toBe(0);
        expect(begin).toBeGreaterThanOrEqual(end);
        end = begin + bytes;
      }
      expect(layout.bytes).toBeGreaterThanOrEqual(end);
      expect(layout.bytes - end).toBeLessThan(65_536);
      expect(layout.bytes % 65_536).toBe(0);
    }),
  );
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { strokesOf } from './strokes.js';

function parse(...rows: string[]) {
  const pixels = Uint8Array.from(rows.join(''), (letter) => (letter === '#' ? 200 : 0));
  return { width: rows[0]!.length, height: rows.length, pixels };
}
const sorted = (stroke: Int32Array): number[] => [...stroke].sort((a, b) => a - b);

describe('strokesOf', () => {
  it('is what hangs together, over corners too', () => {
    const strokes = strokesOf(parse('#...', '.#..', '...#'));
    expect(strokes.map(sorted)).toEqual([[0, 5], [11]]);
  });

  it('does not go around the edge', () => {
    expect(strokesOf(parse('..#', '#..')).map(sorted)).toEqual([[2], [3]]);
  });

  it('follows a stroke that turns back', () => {
    expect(strokesOf(parse('#.#', '#.#', '###'))).toHaveLength(1);
  });

  it('has each pixel of ink once, and neighbours in one stroke', () => {
    const pictures = fc
      .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }))
      .chain(([width, height]) =>
        fc.record({
          width: fc.constant(width),
          height: fc.constant(height),
          pixels: fc.uint8Array({ minLength: width * height, maxLength: width * height, max: 1 }),
        }),
      );
    fc.assert(
      fc.property(pictures, (picture) => {
        const strokes = strokesOf(picture);
        const strokeOf = new Map<number, number>();
        for (const [index, stroke] of strokes.entries()) {
          for (const place of stroke) strokeOf.set(place, index);
        }
        const ink = [...picture.pixels.entries()].flatMap(([place, pixel]) => (pixel ? place : []));
        expect(strokes.flatMap((stroke) => [...stroke]).sort((a, b) => a - b)).toEqual(ink);
        for (const one of ink) {
          for (const other of ink) {
            const across = Math.abs((one % picture.width) - (other % picture.width));
            const down = Math.floor(one / picture.width) - Math.floor(other / picture.width);
            if (across > 1 || Math.abs(down) > 1) continue;
            expect(strokeOf.get(one)).toBe(strokeOf.get(other));
          }
        }
      }),
    );
  });
});

import { describe, expect, it } from 'vitest';
import { cropToInk } from './ink.js';

const width = 60;
const height = 40;

/** Rectangles `[left, top, width, height, grey]` on black. */
function drawing(...rectangles: [number, number, number, number, number][]) {
  const pixels = new Uint8Array(width * height);
  for (const [left, top, columns, rows, grey] of rectangles) {
    for (let y = top; y < top + rows; y++) {
      pixels.fill(grey, y * width + left, y * width + left + columns);
    }
  }
  return { width, height, pixels };
}

describe('cropToInk', () => {
  it('cuts out the box of the ink, as it is', () => {
    const ink = cropToInk(drawing([10, 5, 3, 20, 90], [13, 5, 1, 20, 200]));
    expect(ink).toMatchObject({ width: 4, height: 20 });
    expect([...ink!.pixels.subarray(0, 4)]).toEqual([90, 90, 90, 200]);
  });

  it('takes ink up to the edge', () => {
    expect(cropToInk(drawing([0, 0, width, height, 255]))).toMatchObject({ width, height });
  });

  it('keeps a stroke that stands apart, as the bar of a 5', () => {
    const ink = cropToInk(drawing([10, 10, 4, 20, 255], [16, 10, 6, 2, 255]));
    expect(ink).toMatchObject({ width: 12, height: 20 });
  });

  it('drops specks, also those inside the box', () => {
    const ink = cropToInk(
      drawing([10, 10, 4, 20, 255], [10, 10, 10, 2, 255], [50, 2, 2, 2, 255], [18, 25, 1, 1, 255]),
    );
    expect(ink).toMatchObject({ width: 10, height: 20 });
    expect(ink!.pixels[15 * 10 + 8]).toBe(0);
  });

  it('finds none in black', () => {
    expect(cropToInk(drawing())).toBeNull();
  });

  it('finds none in dust, wherever it lies', () => {
    expect(cropToInk(drawing([3, 3, 1, 1, 255], [50, 30, 1, 1, 255]))).toBeNull();
  });
});

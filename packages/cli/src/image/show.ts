import { side } from './picture.js';

const shades = ' .:-=+*#%@';

/** A picture of `[28, 28]` as text, two letters per pixel: letters are half as wide as they are high. */
export function showDigit(pixels: Uint8Array): string {
  const lines = Array.from({ length: side }, (_none, y) =>
    Array.from(pixels.subarray(y * side, (y + 1) * side), (pixel) => {
      const shade = shades[Math.floor((pixel / 256) * shades.length)]!;
      return shade + shade;
    })
      .join('')
      .trimEnd(),
  );
  return lines.join('\n');
}

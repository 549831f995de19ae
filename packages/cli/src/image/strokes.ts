import type { Picture } from './picture.js';

/**
 * The strokes of a picture: pixels that are not black and hang together, over corners too. A flood from
 * every such pixel that no flood has reached before.
 *
 * @returns for each stroke the places of its pixels in `pixels`
 */
export function strokesOf({ width, height, pixels }: Picture): Int32Array[] {
  const waiting = Uint8Array.from(pixels, (pixel) => (pixel === 0 ? 0 : 1));
  // Of all strokes one after the other: a flood needs no list of its own.
  const queue = new Int32Array(pixels.length);
  let end = 0;
  const reach = (place: number): void => {
    waiting[place] = 0;
    queue[end++] = place;
  };
  const strokes: Int32Array[] = [];
  for (let first = 0; first < pixels.length; first++) {
    if (waiting[first] === 0) continue;
    const begin = end;
    reach(first);
    for (let next = begin; next < end; next++) {
      const x = queue[next]! % width;
      const y = Math.floor(queue[next]! / width);
      for (let row = Math.max(0, y - 1); row <= Math.min(height - 1, y + 1); row++) {
        for (let column = Math.max(0, x - 1); column <= Math.min(width - 1, x + 1); column++) {
          const neighbour = row * width + column;
          if (waiting[neighbour] === 1) reach(neighbour);
        }
      }
    }
    strokes.push(queue.subarray(begin, end));
  }
  return strokes;
}

/** Side of the square that the networks see. */
export const side = 28;

/** A grey picture, row by row; 0 is black, 255 is white. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** `[height, width]`, uint8. */
  readonly pixels: Uint8Array;
}

/**
 * Puts a picture on a ground that its drawing stands out from.
 *
 * @param opacity `[height, width]`, uint8; 255 is opaque
 */
export function flatten(picture: Picture, opacity: Uint8Array): Picture {
  let grey = 0;
  let total = 0;
  picture.pixels.forEach((pixel, index) => {
    grey += pixel * opacity[index]!;
    total += opacity[index]!;
  });
  const ground = total > 0 && grey / total > 127.5 ? 0 : 255;
  const pixels = picture.pixels.map((pixel, index) => {
    const part = opacity[index]! / 255;
    return Math.round(pixel * part + ground * (1 - part));
  });
  return { ...picture, pixels };
}

export function invert(picture: Picture): Picture {
  return { ...picture, pixels: picture.pixels.map((pixel) => 255 - pixel) };
}

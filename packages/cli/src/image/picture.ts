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

/** The grey of the ground: the median of the border's pixels, so that a stroke up to the edge is no harm. */
export function groundOf({ width, height, pixels }: Picture): number {
  const border: number[] = [];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const atEdge = y === 0 || x === 0 || y === height - 1 || x === width - 1;
      if (atEdge) border.push(pixels[y * width + x]!);
    }
  }
  border.sort((left, right) => left - right);
  return border[Math.floor(border.length / 2)]!;
}

/** Whether the ground is in the lighter half of the greys that occur: a dark digit on a light ground. */
export function hasLightGround(picture: Picture): boolean {
  let [least, most] = [255, 0];
  for (const pixel of picture.pixels) {
    least = Math.min(least, pixel);
    most = Math.max(most, pixel);
  }
  return groundOf(picture) > (least + most) / 2;
}

export function invert(picture: Picture): Picture {
  return { ...picture, pixels: picture.pixels.map((pixel) => 255 - pixel) };
}

/**
 * Of a bright digit on a dark ground: the ground becomes 0 and the brightest pixel 255, then x <- 2x - 0.5
 * of full scale, clipped, which clears what is left of the paper and fills what resizing made thin.
 */
export function stretchContrast(picture: Picture): Picture {
  const ground = groundOf(picture);
  const brightest = picture.pixels.reduce((most, pixel) => Math.max(most, pixel), 0);
  if (brightest <= ground) return { ...picture, pixels: new Uint8Array(picture.pixels.length) };
  const pixels = picture.pixels.map((pixel) => {
    const stretched = (2 * (pixel - ground)) / (brightest - ground) - 0.5;
    return Math.round(255 * Math.min(1, Math.max(0, stretched)));
  });
  return { ...picture, pixels };
}

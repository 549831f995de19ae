/**
 * The filter windows of a 2D convolution as the rows of a matrix ("im2col"), and back.
 *
 * For some images of an input [batch, inHeight, inWidth, inChannels] the matrix is [positions,
 * windowSize]: one row for each image, output row and output column, holding the filterHeight x
 * filterWidth x inChannels input elements that the filter meets there, in the order of the filter.
 */
import type { backend_util } from '@tensorflow/tfjs-core';

/** Bound on the elements of a matrix of windows: 1 MiB, to stay in the processor's cache. */
const LARGEST_MATRIX = 262_144;

/** The sizes of the matrix of windows, and how many images to work through at a time. */
export function windowsOf(geometry: backend_util.Conv2DInfo): {
  windowSize: number;
  positionsPerImage: number;
  imagesPerRound: number;
} {
  const windowSize = geometry.filterHeight * geometry.filterWidth * geometry.inChannels;
  const positionsPerImage = geometry.outHeight * geometry.outWidth;
  const sizePerImage = Math.max(1, positionsPerImage * windowSize);
  const imagesPerRound = Math.max(1, Math.floor(LARGEST_MATRIX / sizePerImage));
  return { windowSize, positionsPerImage, imagesPerRound };
}

/** Copies each window of some images of x to a row; what lies outside the image is zero. */
export function gatherWindows(
  x: Float32Array,
  windows: Float32Array,
  geometry: backend_util.Conv2DInfo,
  firstImage: number,
  images: number,
): void {
  windows.fill(0);
  moveWindows(x, windows, geometry, firstImage, images, true);
}

/** Adds each row to the elements of dx that its window covers. */
export function scatterWindows(
  windows: Float32Array,
  dx: Float32Array,
  geometry: backend_util.Conv2DInfo,
  firstImage: number,
  images: number,
): void {
  moveWindows(dx, windows, geometry, firstImage, images, false);
}

/** One loop for both directions, without a callback for each run: that would cost thrice the time.
 *
 * A filter row of a window is one run of elements both in the image and in the matrix; a window
 * over the edge of the image has shorter runs, or none.
 */
function moveWindows(
  image: Float32Array,
  windows: Float32Array,
  geometry: backend_util.Conv2DInfo,
  firstImage: number,
  images: number,
  isGather: boolean,
): void {
  const { inHeight, inWidth, inChannels, outHeight, outWidth } = geometry;
  const { filterHeight, filterWidth, strideHeight, strideWidth, padInfo } = geometry;
  const filterRowSize = filterWidth * inChannels;
  let filterRowStart = 0;
  for (let imageIndex = firstImage; imageIndex < firstImage + images; imageIndex++) {
    for (let outRow = 0; outRow < outHeight; outRow++) {
      const top = outRow * strideHeight - padInfo.top;
      for (let outColumn = 0; outColumn < outWidth; outColumn++) {
        const left = outColumn * strideWidth - padInfo.left;
        const begin = Math.max(0, -left) * inChannels;
        const end = Math.min(filterWidth, inWidth - left) * inChannels;
        for (let row = top; row < top + filterHeight; row++) {
          if (row >= 0 && row < inHeight) {
            const imageStart = ((imageIndex * inHeight + row) * inWidth + left) * inChannels;
            if (isGather) {
              for (let element = begin; element < end; element++) {
                windows[filterRowStart + element] = image[imageStart + element]!;
              }
            } else {
              for (let element = begin; element < end; element++) {
                image[imageStart + element]! += windows[filterRowStart + element]!;
              }
            }
          }
          filterRowStart += filterRowSize;
        }
      }
    }
  }
}

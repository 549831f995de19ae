/** What `padding="same"` does along one side. */
export interface Frame {
  /** Zeros before and after. */
  readonly padding: [number, number];
  /** By window: how many elements of the image are in it. */
  readonly counts: readonly number[];
}

/**
 * As TensorFlow pads: as many windows as strides begin within the side; what is missing is put half before and half
 * after it, the odd one after. https://www.tensorflow.org/api_docs/python/tf/nn#notes_on_padding_2
 */
export function frameOf(size: number, window: number, stride: number): Frame {
  const windows = Math.ceil(size / stride);
  const missing = Math.max(0, (windows - 1) * stride + window - size);
  const before = Math.floor(missing / 2);
  const counts = Array.from({ length: windows }, (_none, i) => {
    const begin = i * stride - before;
    return Math.min(begin + window, size) - Math.max(begin, 0);
  });
  return { padding: [before, missing - before], counts };
}

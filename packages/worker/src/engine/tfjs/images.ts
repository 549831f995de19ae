/** value / 255, rounded to float32, of each of the 256 values. */
const scaled = Float32Array.from({ length: 256 }, (_, value) => value / 255);

/** uint8 0..255 to float32 0..1. */
export function scaleImages(images: Uint8Array): Float32Array {
  const floats = new Float32Array(images.length);
  for (let i = 0; i < images.length; i++) floats[i] = scaled[images[i]!]!;
  return floats;
}

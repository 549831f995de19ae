import { philox, type Words } from './philox.js';

/** Groups of four draws that a sample of so many elements takes; the last one may be used in part. */
export const groupsPerSample = (sampleSize: number): number => Math.ceil(sampleSize / 4);

/**
 * Uniform draws of [0, 1), multiples of 2^-23, for samples that follow each other. The counter of a group of
 * four is (position of its sample * groups of a sample + group, step), so that a sample's draws do not depend
 * on which samples are drawn with it. The same bits as TensorFlow's StatelessRandomUniformV2 makes.
 *
 * @param draws is filled, `[samples, sampleSize]`
 * @param position of the first sample, from 0 to 2^31 - 1
 * @param step from 0 to 2^31 - 1
 */
export function fillUniforms(
  draws: Float32Array,
  sampleSize: number,
  key: Words,
  position: number,
  step: number,
): void {
  const groups = groupsPerSample(sampleSize);
  const words = new Uint32Array(4 * groups);
  for (let at = 0, sample = position; at < draws.length; at += sampleSize, sample++) {
    philox(words, key, sample * groups, { low: step, high: 0 });
    for (let i = 0; i < sampleSize; i++) draws[at + i] = (words[i]! & 0x7fffff) / 2 ** 23;
  }
}

import type { Random } from '@lockstep/core/data';

/** Fills with draws from [low, high). */
export function uniform(values: Float32Array, low: number, high: number, random: Random): void {
  for (let i = 0; i < values.length; i++) values[i] = low + (high - low) * random.float();
}

/** Fills with draws from the normal distribution. */
export function normal(
  values: Float32Array,
  mean: number,
  deviation: number,
  random: Random,
): void {
  for (let i = 0; i < values.length; i++) values[i] = mean + deviation * standardNormal(random);
}

/** Fills with normal draws; those more than two deviations from the mean are drawn again, as in Keras. */
export function truncatedNormal(
  values: Float32Array,
  mean: number,
  deviation: number,
  random: Random,
): void {
  for (let i = 0; i < values.length; i++) {
    let draw = standardNormal(random);
    while (Math.abs(draw) > 2) draw = standardNormal(random);
    values[i] = mean + deviation * draw;
  }
}

/**
 * Box and Muller 1958; one of the pair is dropped, so that a draw has no memory. V8 computes log and cos
 * in software (fdlibm), so that the bits do not depend on the processor.
 */
function standardNormal(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random.float()));
  return radius * Math.cos(2 * Math.PI * random.float());
}

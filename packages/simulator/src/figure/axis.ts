import { LockstepError } from '@lockstep/core';

/** One of the two directions of a figure. */
export interface Axis {
  readonly label: string;
  /** What lies at its two ends. */
  readonly range: readonly [number, number];
  /** Powers are evenly apart: the range must be above 0. */
  readonly isLogarithmic: boolean;
  /** Where it is marked, in ascending order. */
  readonly ticks: readonly number[];
  readonly format: (value: number) => string;
}

/** Where a value lies between the axis's ends: 0 to 1, and beyond for what lies beyond. */
export function placeOn({ label, range, isLogarithmic }: Axis, value: number): number {
  const scaled = isLogarithmic ? Math.log : (each: number) => each;
  const [begin, end] = [scaled(range[0]), scaled(range[1])];
  const place = (scaled(value) - begin) / (end - begin);
  if (Number.isFinite(place)) return place;
  throw new LockstepError('INTERNAL', `${value} has no place on the axis '${label}'`);
}

/** The powers of `base` in a range. */
export function powersWithin(base: number, [least, greatest]: readonly [number, number]): number[] {
  const slack = 1e-9;
  const first = Math.ceil(Math.log(least) / Math.log(base) - slack);
  const last = Math.floor(Math.log(greatest) / Math.log(base) + slack);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => base ** (first + i));
}

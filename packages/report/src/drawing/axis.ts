import { LockstepError } from '@lockstep/core';
import { nice, ticks } from 'd3-array';

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

/**
 * An axis with round numbers at its marks, which reaches to the next one beyond each end.
 *
 * @param values what must find place on it; what is no number does not count
 */
export function linearAxis(
  label: string,
  values: readonly number[],
  format: (value: number) => string,
): Axis {
  const known = values.filter(Number.isFinite);
  const [least, greatest] = [Math.min(...known), Math.max(...known)];
  const spread = least < greatest ? [least, greatest] : around(known.length > 0 ? least : 0);
  const range = nice(spread[0]!, spread[1]!, 6) as [number, number];
  return { label, range, isLogarithmic: false, ticks: ticks(...range, 6), format };
}

/** A range with some air where there is but one value. */
function around(value: number): [number, number] {
  const air = value === 0 ? 1 : Math.abs(value) / 10;
  return [value - air, value + air];
}

import { LockstepError } from '@lockstep/core';
import { interpolatePuOr, interpolateViridis } from 'd3-scale-chromatic';

/** Gives each number from 0 to 1 a colour: `[256, 3]`, uint8, in 256 steps. */
export type ColorMap = Uint8Array;

const steps = 256;

function colorMap(at: (share: number) => readonly number[]): ColorMap {
  const table = new Uint8Array(steps * 3);
  for (let step = 0; step < steps; step++) table.set(at(step / (steps - 1)), 3 * step);
  return table;
}

/** From dark to bright, evenly for every eye: Smith and van der Walt 2015, "viridis". */
export const viridis = colorMap((share) => partsOf(interpolateViridis(share)));

/** Below and above the middle told apart, by the colour-blind, too: Brewer's PuOr; orange is above. */
export const diverging = colorMap((share) => partsOf(interpolatePuOr(share)));

/** Images as they are: 0 is black, 1 is white. */
export const grey = colorMap((share) => Array<number>(3).fill(Math.round(255 * share)));

/** `#440154` or `rgb(127, 59, 8)`: d3 writes both. */
function partsOf(color: string): number[] {
  const hexadecimal = /^#(..)(..)(..)$/.exec(color);
  const decimal = /^rgb\((\d+), (\d+), (\d+)\)$/.exec(color);
  if (hexadecimal !== null) return hexadecimal.slice(1).map((part) => Number.parseInt(part, 16));
  if (decimal !== null) return decimal.slice(1).map(Number);
  throw new LockstepError('INTERNAL', `'${color}' is no colour`);
}

/** What the two ends of a colour map stand for. */
export interface Scale {
  readonly map: ColorMap;
  readonly least: number;
  readonly greatest: number;
}

/** The place of a value's colour in the map's table; what lies beyond has the colour of the end. */
export function colorAt({ least, greatest }: Scale, value: number): number {
  const share = greatest === least ? 0 : (value - least) / (greatest - least);
  return 3 * Math.round((steps - 1) * Math.min(1, Math.max(0, share)));
}

/** From the least to the greatest of the values; one around 0 where they have both signs and `isSigned`. */
export function scaleFor(values: Iterable<number>, { isSigned = false } = {}): Scale {
  let [least, greatest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (value < least) least = value;
    if (value > greatest) greatest = value;
  }
  if (!Number.isFinite(least) || !Number.isFinite(greatest)) [least, greatest] = [0, 0];
  if (!isSigned) return { map: viridis, least, greatest };
  const most = Math.max(-least, greatest);
  return { map: diverging, least: -most, greatest: most };
}

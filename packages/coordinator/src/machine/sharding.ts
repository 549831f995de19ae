import { partition } from '@lockstep/core/reducer';
import type { State } from './state.js';

/** Each rank has its part of the optimizer's state, and no rank has all of it. */
export const isSharded = ({ settings, worldSize }: State): boolean =>
  settings.shardOptimizer && worldSize > 1;

/** Elements that a rank has of each optimizer slot, of a gradient of so many. */
export function slotLength(state: State, rank: number, gradientLength: number): number {
  if (!isSharded(state)) return gradientLength;
  const { begin, end } = partition(gradientLength, state.worldSize)[rank]!;
  return end - begin;
}

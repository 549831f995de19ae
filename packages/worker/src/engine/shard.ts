import { type Range, rangeLength } from '@lockstep/core/data';
import type { Optimizer } from '../optimizer/index.js';

type Slots = Record<string, Float32Array>;

/**
 * The optimizer's memory of another part of the weights: where the parts overlap what it was, elsewhere what it
 * is before the first update.
 *
 * @param slots of the range `from`
 * @returns slots of the range `to`: copies
 */
export function slotsOfRange(slots: Slots, from: Range, to: Range, optimizer: Optimizer): Slots {
  const begin = Math.max(from.begin, to.begin);
  const end = Math.max(begin, Math.min(from.end, to.end));
  const parts = Object.entries(slots).map(([name, slot]) => {
    const part = optimizer.initialSlot(name, rangeLength(to));
    if (begin < end) {
      part.set(slot.subarray(begin - from.begin, end - from.begin), begin - to.begin);
    }
    return [name, part];
  });
  return Object.fromEntries(parts) as Slots;
}

/**
 * A rank's own part of a state's slots. What is as long as all trainable weights is cut (a checkpoint's); the
 * rest is given back as it is, to be checked.
 */
export function ownSlots(slots: Slots, own: Range, wholeLength: number): Slots {
  const parts = Object.entries(slots).map(([name, slot]) => [
    name,
    slot.length === wholeLength ? slot.subarray(own.begin, own.end) : slot,
  ]);
  return Object.fromEntries(parts) as Slots;
}

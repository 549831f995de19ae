import { optimizerConfigSchema } from '@lockstep/core';
import type { Range } from '@lockstep/core/data';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createOptimizer } from '../optimizer/index.js';
import { ownSlots, slotsOfRange } from './shard.js';

const length = 30;
const range = fc
  .tuple(fc.nat({ max: length }), fc.nat({ max: length }))
  .map(([a, b]): Range => ({ begin: Math.min(a, b), end: Math.max(a, b) }));
const whole = Float32Array.from({ length }, (_, i) => i + 1);
const partOf = ({ begin, end }: Range) => whole.slice(begin, end);

describe('slotsOfRange', () => {
  it('keeps what the parts have in common, and begins the rest', () => {
    const optimizer = createOptimizer(optimizerConfigSchema.parse({ name: 'adagrad' }));
    const [fresh] = optimizer.initialSlot('accumulator', 1);
    fc.assert(
      fc.property(range, range, (from, to) => {
        const { accumulator } = slotsOfRange({ accumulator: partOf(from) }, from, to, optimizer);
        const expected = partOf(to).map((value) => {
          const index = value - 1;
          return index >= from.begin && index < from.end ? value : fresh!;
        });
        expect(accumulator).toEqual(expected);
      }),
    );
  });
});

describe('ownSlots', () => {
  it('cuts what is whole, and leaves the rest as it is', () => {
    fc.assert(
      fc.property(range, (own) => {
        const other = new Float32Array(length + 1);
        const found = ownSlots({ whole, part: partOf(own), other }, own, length);
        expect(found.whole).toEqual(partOf(own));
        expect(found.part).toEqual(partOf(own));
        expect(found.other).toBe(other);
      }),
    );
  });
});

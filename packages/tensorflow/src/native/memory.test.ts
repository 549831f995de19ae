import fc from 'fast-check';
import { expect, it } from 'vitest';
import { int64Array } from './memory.js';

it('writes whole numbers as int64', () => {
  const wholeNumbers = fc.array(fc.oneof(fc.maxSafeInteger(), fc.integer()));
  fc.assert(
    fc.property(wholeNumbers, (values) => {
      const { buffer } = int64Array(values);
      expect(Array.from(new BigInt64Array(buffer), Number)).toEqual(values);
    }),
  );
});

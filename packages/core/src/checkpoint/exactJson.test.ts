import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromExactJson, toExactJson } from './exactJson.js';

describe('exact JSON', () => {
  it('gives back every number wherever it stands', () => {
    const value = { a: [Number.NaN, -0, 0], b: { c: Infinity, d: -Infinity, e: 5e-324 }, f: 0.1 };
    const text = toExactJson(value);
    expect(fromExactJson(text)).toStrictEqual(value);
    expect(Object.is((fromExactJson(text) as typeof value).a[1], -0)).toBe(true);
    expect(() => JSON.parse(text)).not.toThrow();
  });

  it('takes no key of the user for its mark', () => {
    for (const value of [
      { $number: 'NaN' },
      { $number: 3 },
      { $$number: 'NaN' },
      { $number: Number.NaN, $$number: { $number: '-0' } },
      [{ $number: { $number: 'NaN' } }],
    ]) {
      expect(fromExactJson(toExactJson(value))).toStrictEqual(value);
    }
  });

  it('is the identity on whatever JSON can hold, and on all doubles', () => {
    const key = fc.oneof(fc.string(), fc.constantFrom('$number', '$$number', '$$$number'));
    const leaf = fc.oneof(
      fc.double(),
      fc.string(),
      fc.boolean(),
      fc.constant(null),
      fc.constantFrom('NaN', '-0', 'Infinity'),
    );
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        leaf,
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(
          key.filter((name) => name !== '__proto__'),
          tie('value'),
          { maxKeys: 3, noNullPrototype: true },
        ),
      ),
    }));
    fc.assert(
      fc.property(value, (given) => {
        expect(fromExactJson(toExactJson(given))).toStrictEqual(given);
      }),
      { numRuns: 500 },
    );
  });
});

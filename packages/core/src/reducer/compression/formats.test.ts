import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bfloat16 } from './bfloat16.js';
import { float16 } from './float16.js';
import { bitsOfFloat, floatOfBits } from './format.js';

const formats = { float16, bfloat16 };
/** Words without sign order like their numbers; this is the first that is no number. */
const infinities = { float16: 0x7c00, bfloat16: 0x7f80 };

/** Any bits of float32, and those about numbers that have a word, and half-way between two. */
const floats = fc.oneof(
  fc.integer({ min: 0, max: 0xffffffff }).map(floatOfBits),
  fc
    .tuple(
      fc.nat(0xffff),
      fc.constantFrom(0x10000, 0x2000, 0x1000),
      fc.integer({ min: -2, max: 2 }),
    )
    .map(([upper, step, beside]) =>
      floatOfBits((((upper << 16) >>> 0) + step * 0.5 + beside + 2 ** 32) % 2 ** 32),
    ),
  fc.float({ min: -Math.fround(2 ** -13), max: Math.fround(2 ** -13), noNaN: true }),
);

describe.each(['float16', 'bfloat16'] as const)('%s', (name) => {
  const { toWord, fromWord } = formats[name];
  const infinity = infinities[name];
  const numbers = Array.from({ length: infinity }, (_, word) => fromWord(word));
  const largest = numbers.at(-1)!;

  it('has ascending numbers, that are their own words', () => {
    for (let word = 0; word < infinity; word++) {
      if (word > 0 && !(numbers[word]! > numbers[word - 1]!)) expect.fail(`${word} is not above`);
      expect(toWord(numbers[word]!)).toBe(word);
      expect(toWord(-numbers[word]!)).toBe(word + 0x8000);
    }
    expect(fromWord(infinity)).toBe(Number.POSITIVE_INFINITY);
    expect(fromWord(infinity + 0x8000)).toBe(Number.NEGATIVE_INFINITY);
    for (let word = infinity + 1; word < 0x8000; word++) {
      expect(fromWord(word)).toBeNaN();
      expect(fromWord(word + 0x8000)).toBeNaN();
    }
  });

  it('rounds to the nearest, of two the even one', () => {
    fc.assert(
      fc.property(floats, (float) => {
        const word = toWord(float);
        if (Number.isNaN(float)) {
          expect(fromWord(word)).toBeNaN();
          return;
        }
        expect(word >= 0x8000).toBe(float < 0 || Object.is(float, -0));
        const magnitude = Math.abs(float);
        const rounded = Math.abs(fromWord(word));
        if (magnitude > largest) {
          expect(rounded).toBe(Number.isFinite(magnitude) ? largest : magnitude);
          return;
        }
        const distance = Math.abs(rounded - magnitude);
        for (const other of [(word & 0x7fff) - 1, (word & 0x7fff) + 1]) {
          if (other < 0 || other >= infinity) continue;
          const further = Math.abs(numbers[other]! - magnitude);
          expect(further).toBeGreaterThanOrEqual(distance);
          if (further === distance) expect(word % 2).toBe(0);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

it('knows IEEE 754 binary16 by heart', () => {
  const known: [number, number][] = [
    [0x0001, 2 ** -24],
    [0x03ff, 1023 * 2 ** -24],
    [0x0400, 2 ** -14],
    [0x3555, 0.333251953125],
    [0x3c00, 1],
    [0x3c01, 1 + 2 ** -10],
    [0xc000, -2],
    [0x7bff, 65_504],
  ];
  for (const [word, number] of known) expect(float16.fromWord(word)).toBe(number);
});

it('knows bfloat16 as the upper half of float32', () => {
  expect(bfloat16.fromWord(0x3f80)).toBe(1);
  expect(bfloat16.fromWord(0x0001)).toBe(2 ** -133);
  expect(bitsOfFloat(bfloat16.fromWord(0xff7f))).toBe(0xff7f0000);
});

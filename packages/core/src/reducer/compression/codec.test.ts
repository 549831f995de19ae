import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KernelMemory } from '../kernels/kernelMemory.js';
import { bfloat16 } from './bfloat16.js';
import { float16 } from './float16.js';
import { floatOfBits } from './format.js';
import { makeCodec } from './makeCodec.js';
import { referenceCodec } from './referenceCodec.js';

const memory = await KernelMemory.create(4 * 1024 * 1024);

/** A view of elements that begins `offset` elements behind a cache line. */
const floatsAt = (offset: number, length: number): Float32Array =>
  memory.allocate(offset + length).subarray(offset);

/** The same of words. */
const wordsAt = (offset: number, length: number): Uint8Array =>
  new Uint8Array(memory.buffer, memory.take(2 * (offset + length)) + 2 * offset, 2 * length);

const wordsOf = (bytes: Uint8Array): number[] => [
  ...new Uint16Array(Uint8Array.from(bytes).buffer),
];

/** Bit by bit, but that all NaN are alike. */
const bitsOf = (floats: Float32Array): Uint32Array =>
  new Uint32Array(Float32Array.from(floats, (v) => (Number.isNaN(v) ? Number.NaN : v)).buffer);

/** Floats of any bits, of usual sizes, about the borders of the formats, and half-way between their numbers. */
const floats = fc.oneof(
  fc.float({ min: -10, max: 10, noNaN: true }),
  fc.integer({ min: 0, max: 0xffffffff }).map(floatOfBits),
  fc
    .record({
      bits: fc.constantFrom(
        ...[0, 0x33000000, 0x33800000, 0x387fc000, 0x38800000, 0x3f800000, 0x477fe000, 0x477ff000],
        ...[0x7f7f0000, 0x7f7f8000, 0x7f7fffff, 0x7f800000, 0x7fc00000],
      ),
      half: fc.constantFrom(0, 0x800, 0x1000, 0x2000, 0x4000, 0x8000, 0x10000),
      beside: fc.integer({ min: -1, max: 1 }),
      sign: fc.constantFrom(0, 0x80000000),
    })
    .map(({ bits, half, beside, sign }) =>
      floatOfBits(Math.min(0x7fffffff, Math.max(0, bits + half + beside)) + sign),
    ),
);
const room = 64;
const arrays = fc.array(floats, { maxLength: room - 8 });
const offsets = fc.nat(7);

/** Parts of the memory that properties write to again and again, with guards about them. */
const arena: Record<'values' | 'residual' | 'into', Float32Array> & { words: Uint8Array } = {
  values: memory.allocate(room),
  residual: memory.allocate(room),
  into: memory.allocate(room),
  words: wordsAt(0, room),
};

describe.each([
  ['float16', float16],
  ['bfloat16', bfloat16],
] as const)('%s', (name, format) => {
  const reference = referenceCodec(name, format);

  it('decodes all words like the reference, alone and added to something', async () => {
    const codec = await makeCodec(name, memory);
    const count = 0x10000;
    const [from, into] = [wordsAt(1, count), floatsAt(3, count)];
    new Uint16Array(from.buffer, from.byteOffset, count).set(
      Array.from({ length: count }, (_, word) => word),
    );
    const expected = new Float32Array(count);

    codec.decode(from, into);
    reference.decode(from, expected);
    expect(bitsOf(into)).toEqual(bitsOf(expected));

    codec.decodeAdd(from, into.fill(0.1));
    reference.decodeAdd(from, expected.fill(0.1));
    expect(bitsOf(into)).toEqual(bitsOf(expected));
  });

  it('encodes and decodes like the reference, at all lengths and places, and touches nothing else', async () => {
    const codec = await makeCodec(name, memory);
    fc.assert(
      fc.property(arrays, arrays, offsets, offsets, offsets, (given, kept, a, b, c) => {
        const { length } = given;
        const words = arena.words.fill(0xaa);
        const [values, residual, into] = [arena.values, arena.residual, arena.into];
        for (const each of [values, residual, into]) each.fill(7);
        values.set(given, a);
        residual.set(
          given.map((_, i) => kept[i] ?? 0),
          b,
        );
        const expected = {
          values: values.slice(),
          residual: residual.slice(),
          words: words.slice(),
          into: into.slice(),
        };
        const views = (of: typeof arena) => ({
          values: of.values.subarray(a, a + length),
          residual: of.residual.subarray(b, b + length),
          words: of.words.subarray(2 * c, 2 * (c + length)),
          into: of.into.subarray(b, b + length),
        });
        for (const [each, of] of [
          [codec, arena],
          [reference, expected],
        ] as const) {
          const view = views(of);
          each.encode(view.values, view.words, view.residual);
          each.decodeAdd(view.words, view.into);
          each.decode(view.words, view.values);
        }
        expect(words).toEqual(expected.words);
        expect(bitsOf(residual)).toEqual(bitsOf(expected.residual));
        expect(bitsOf(into)).toEqual(bitsOf(expected.into));
        expect(bitsOf(values)).toEqual(bitsOf(expected.values));
      }),
      { numRuns: 500 },
    );
  });

  it('sends over time all that it was given, up to the last residual', async () => {
    const codec = await makeCodec(name, memory);
    const length = 13;
    // Multiples of 2^-12 below 8: their sums with what is kept of them are float32 without rounding.
    const steps = fc.array(
      fc.array(
        fc.integer({ min: -(2 ** 15), max: 2 ** 15 }).map((n) => n * 2 ** -12),
        { minLength: length, maxLength: length },
      ),
      { minLength: 1, maxLength: 20 },
    );
    const [values, residual, into] = [arena.values, arena.residual, arena.into].map((each) =>
      each.subarray(0, length),
    ) as [Float32Array, Float32Array, Float32Array];
    const words = arena.words.subarray(0, 2 * length);
    fc.assert(
      fc.property(steps, (given) => {
        residual.fill(0);
        const sent = new Float64Array(length);
        for (const step of given) {
          values.set(step);
          codec.encode(values, words, residual);
          codec.decode(words, into);
          for (let i = 0; i < length; i++) sent[i]! += into[i]!;
        }
        for (let i = 0; i < length; i++) {
          const sum = given.reduce((total, step) => total + step[i]!, 0);
          expect(sent[i]! + residual[i]!).toBe(sum);
          expect(Math.abs(residual[i]!)).toBeLessThanOrEqual(2 ** -4);
        }
      }),
    );
  });

  it('shows NaN and infinity, and is well again after them', async () => {
    const codec = await makeCodec(name, memory);
    const special = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN];
    // As vectors and as what is left behind them.
    const given = [...special, ...special.slice(0, 3)];
    const [values, residual] = [floatsAt(0, given.length), floatsAt(0, given.length)];
    const words = wordsAt(0, given.length);
    values.set(given);
    codec.encode(values, words, residual.fill(0.25));
    codec.decode(words, values);
    expect([...values]).toEqual(given);
    expect([...residual]).toEqual(given.map(() => 0));
    codec.encode(values.fill(1), words, residual);
    codec.decode(words, values);
    expect([...values]).toEqual(given.map(() => 1));
  });

  it('sends one word for whatever NaN, so that all ranks send the same', async () => {
    const codec = await makeCodec(name, memory);
    const [values, residual, words] = [floatsAt(0, 5), floatsAt(0, 5), wordsAt(0, 5)];
    const bits = new Uint32Array(values.buffer, values.byteOffset, 5);
    bits.set([0x7f800001, 0xffc00000, 0x7fffffff, 0xff812345, 0xffc00000]);
    codec.encode(values, words, residual);
    expect(new Set(wordsOf(words)).size).toBe(1);
  });

  it('refuses arrays that it cannot work on', async () => {
    const codec = await makeCodec(name, memory);
    const [values, residual, words] = [floatsAt(0, 8), floatsAt(0, 8), wordsAt(0, 9)];
    const bytes = words.subarray(0, 16);
    const encode = (...given: Parameters<typeof codec.encode>) => {
      expect(() => codec.encode(...given)).toThrow(/^a codec was given/);
      const [into, from] = given;
      if (given[2] === residual)
        expect(() => codec.decode(from, into)).toThrow(/^a codec was given/);
      if (given[2] === residual) expect(() => codec.decodeAdd(from, into)).toThrow(/^a codec/);
    };
    encode(new Float32Array(8), bytes, residual);
    encode(values, new Uint8Array(16), residual);
    encode(values, bytes, new Float32Array(8));
    encode(values, bytes, residual.subarray(1));
    encode(values, words, residual);
    encode(values, words.subarray(1, 17), residual);
  });
});

it('float16 sends what is beyond its range later', async () => {
  const codec = await makeCodec('float16', memory);
  const [values, residual, words] = [floatsAt(0, 5), floatsAt(0, 5), wordsAt(0, 5)];
  values.fill(-150_000);
  const sent: number[] = [];
  for (let step = 0; step < 4; step++) {
    codec.encode(values, words, residual);
    codec.decode(words, values);
    expect(new Set(values).size).toBe(1);
    sent.push(values[0]!);
    values.fill(0);
  }
  expect(sent).toEqual([-65_504, -65_504, -18_992, 0]);
});

it('bfloat16 rounds no number up to infinity', async () => {
  const codec = await makeCodec('bfloat16', memory);
  const largest = floatOfBits(0x7f7fffff);
  const [values, residual, words] = [floatsAt(0, 5), floatsAt(0, 5), wordsAt(0, 5)];
  codec.encode(values.fill(largest), words, residual);
  expect(new Set(wordsOf(words))).toEqual(new Set([0x7f7f]));
  expect(residual[0]).toBe(largest - floatOfBits(0x7f7f0000));
});

it('none leaves numbers and residual as they are', async () => {
  const codec = await makeCodec('none', memory);
  const [values, into] = [floatsAt(0, 7), floatsAt(1, 7)];
  const bytes = new Uint8Array(memory.buffer, memory.take(28), 28);
  values.set([0.1, -0, Number.NaN, 1e-40, Number.POSITIVE_INFINITY, 5, -6]);
  expect(codec.bytesPerElement).toBe(4);
  codec.encode(values, bytes, new Float32Array(0));
  codec.decode(bytes, into);
  expect(into).toEqual(values);
  codec.decodeAdd(bytes, into);
  expect(into).toEqual(values.map((value) => 2 * value));
});

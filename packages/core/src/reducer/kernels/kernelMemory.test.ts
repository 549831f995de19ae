import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KernelMemory } from './kernelMemory.js';

const memory = await KernelMemory.create(65_536);
const arena = memory.allocate(1024);

const number = fc.float({ noNaN: true });

/** Views of 0 to 100 elements that begin anywhere in parts of the arena of their own. */
const layout = fc.record({
  length: fc.nat(100),
  into: fc.nat(20),
  a: fc.integer({ min: 200, max: 220 }),
  b: fc.integer({ min: 400, max: 420 }),
  values: fc.array(number, { minLength: 1024, maxLength: 1024 }),
  weightA: number,
  weightB: number,
});

type Layout = typeof layout extends fc.Arbitrary<infer T> ? T : never;

const { fround } = Math;

/** Runs a kernel, and what it should compute by itself in plain JavaScript; all of the arena must agree. */
function compare(
  run: (given: Record<'into' | 'a' | 'b', Float32Array>, layout: Layout) => void,
  expected: (given: Record<'into' | 'a' | 'b', number>, layout: Layout) => number,
  inPlace: readonly ('a' | 'b')[] = [],
) {
  fc.assert(
    fc.property(layout, (drawn) => {
      for (const into of ['into', ...inPlace] as const) {
        arena.set(drawn.values);
        const at = { into: drawn[into], a: drawn.a, b: drawn.b };
        const result = arena.slice();
        for (let i = 0; i < drawn.length; i += 1) {
          const given = {
            into: arena[at.into + i]!,
            a: arena[at.a + i]!,
            b: arena[at.b + i]!,
          };
          result[at.into + i] = expected(given, drawn);
        }
        const view = (begin: number) => arena.subarray(begin, begin + drawn.length);
        run({ into: view(at.into), a: view(at.a), b: view(at.b) }, drawn);
        expect(arena).toEqual(result);
      }
    }),
  );
}

describe('kernels give the bits of float32 arithmetic one by one, and touch nothing else', () => {
  it('scale', () => {
    compare(
      ({ into, a }, { weightA }) => memory.scale(into, a, weightA),
      ({ a }, { weightA }) => fround(a * weightA),
      ['a'],
    );
  });

  it('addScaled', () => {
    compare(
      ({ into, a }, { weightA }) => memory.addScaled(into, a, weightA),
      ({ into, a }, { weightA }) => fround(into + fround(a * weightA)),
      ['a'],
    );
  });

  it('add', () => {
    compare(
      ({ into, a }) => memory.add(into, a),
      ({ into, a }) => fround(into + a),
      ['a'],
    );
  });

  it('scaleBoth', () => {
    compare(
      ({ into, a, b }, { weightA, weightB }) => memory.scaleBoth(into, a, weightA, b, weightB),
      ({ a, b }, { weightA, weightB }) => fround(fround(a * weightA) + fround(b * weightB)),
      ['a', 'b'],
    );
  });

  it('at every length from 0 to 100 and every alignment', () => {
    for (let length = 0; length <= 100; length += 1) {
      for (let begin = 0; begin < 16; begin += 1) {
        arena.fill(1);
        memory.scale(
          arena.subarray(begin, begin + length),
          arena.subarray(200 + (length % 16), 200 + (length % 16) + length),
          2,
        );
        const expected = new Float32Array(1024).fill(1).fill(2, begin, begin + length);
        if (!arena.every((value, i) => value === expected[i])) expect(arena).toEqual(expected);
      }
    }
  });

  it('rounds the weight to float32 first', () => {
    arena.fill(3);
    memory.scale(arena, arena, 1 / 3);
    expect(arena[0]).toBe(fround(3 * fround(1 / 3)));
  });
});

describe('KernelMemory', () => {
  it('gives out zeros at whole cache lines, each element once', async () => {
    const fresh = await KernelMemory.create(1000);
    expect(fresh.buffer.byteLength).toBe(65_536);
    const [a, b] = [fresh.allocate(3), fresh.allocate(0)];
    expect(a).toEqual(new Float32Array(3));
    expect(fresh.take(1)).toBe(b.byteOffset);
    expect(fresh.take(10, 4096)).toBe(4096);
    expect(fresh.allocate(5).byteOffset).toBe(4096 + 64);
    expect(() => fresh.allocate(20_000)).toThrow(/do not fit/);
  });

  it('refuses more than WebAssembly can address', async () => {
    await expect(KernelMemory.create(5 * 2 ** 30)).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining('5.0 GB'),
    });
  });

  it.each([
    ['memory of others', new Float32Array(4), arena.subarray(0, 4), /outside of its memory/],
    ['another length', arena.subarray(0, 4), arena.subarray(8, 13), /5 elements/],
    ['an overlap', arena.subarray(0, 4), arena.subarray(3, 7), /overlap/],
  ])('refuses %s', (_, into, from, message) => {
    expect(() => memory.scale(into, from, 1)).toThrow(message);
    expect(() => memory.addScaled(into, from, 1)).toThrow(message);
    expect(() => memory.add(into, from)).toThrow(message);
    expect(() => memory.scaleBoth(into, into, 1, from, 1)).toThrow(message);
    expect(() => memory.scaleBoth(into, from, 1, into, 1)).toThrow(message);
  });
});

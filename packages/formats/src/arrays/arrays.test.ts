import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { elementsOf } from '../savedModel.js';
import { type NamedArray, weightsOnly } from './named.js';
import { decodeNpy, encodeNpy } from './npy.js';
import { readSafetensors, writeSafetensors } from './safetensors.js';

const shapes = fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 5 });
const arrays = shapes.map(
  (shape): NamedArray => ({
    name: 'layer/kernel',
    shape,
    values: Float32Array.from({ length: elementsOf(shape) }, (_, index) => index / 3),
  }),
);

describe('npy', () => {
  it('comes back in any shape, its numbers from a multiple of 64 on', () => {
    fc.assert(
      fc.property(arrays, (array) => {
        const bytes = encodeNpy(array);
        expect((bytes.length - array.values.byteLength) % 64).toBe(0);
        expect(decodeNpy(bytes, array.name, 'x.npz')).toEqual(array);
      }),
    );
  });

  it.each([
    ["'<f4'", "'<f8'", 'is of type <f8, not float32 (<f4)'],
    ['False', 'True ', 'is in Fortran order'],
    ['NUMPY', 'NUMPX', 'is none of NumPy'],
  ])('with %s as %s: says so', (from, to, what) => {
    const bytes = encodeNpy({ name: 'a', shape: [2], values: new Float32Array(2) });
    const changed = Buffer.from(Buffer.from(bytes).toString('latin1').replace(from, to), 'latin1');
    expect(() => decodeNpy(changed, 'a', 'x.npz')).toThrow(`x.npz has an array a that ${what}`);
  });
});

describe('safetensors', () => {
  it('come back in any shape, their numbers from a multiple of 8 on', () => {
    fc.assert(
      fc.property(fc.array(arrays, { maxLength: 4 }), (some) => {
        const named = some.map((array, index) => ({ ...array, name: `layer_${index}/kernel` }));
        const model = weightsOnly(named, 'm');
        const bytes = writeSafetensors(model);
        const header = Number(new DataView(bytes.buffer).getBigUint64(0, true));
        expect(header % 8).toBe(0);
        const read = readSafetensors(bytes, 'm.safetensors', 'm');
        const byName = <Item extends { layer: string }>(items: readonly Item[]) =>
          items.toSorted((a, b) => a.layer.localeCompare(b.layer));
        expect(byName(read.weights)).toEqual(byName(model.weights));
      }),
    );
  });

  it("take PyTorch's names, too", () => {
    const array = { name: 'body.0.weight', shape: [1], values: Float32Array.of(1) };
    expect(weightsOnly([array], 'm').weights[0]).toMatchObject({ layer: 'body.0', name: 'weight' });
  });
});

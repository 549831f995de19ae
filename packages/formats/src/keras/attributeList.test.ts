import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { group } from '../hdf5/tree.js';
import { attributeList, splitAttribute } from './attributeList.js';

describe('a list of texts in attributes', () => {
  it('comes back, however long it is', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 20_000 }), (length) => {
        const texts = Array.from({ length }, (_, index) => `layer_${index}`);
        const attributes = splitAttribute('layer_names', texts);
        expect(attributeList(group({}, attributes), 'layer_names')).toEqual(texts);
        // HDF5's limit is 64 KiB for an object's header; each text takes 16 bytes of it.
        for (const part of Object.values(attributes)) expect(part.length * 16).toBeLessThan(65_536);
      }),
      { numRuns: 20 },
    );
  });
});

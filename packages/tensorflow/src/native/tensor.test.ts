import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { describeWithLibrary } from '../testing.suite.js';
import { dataType } from './dataTypes.js';
import type { NativeFunctions } from './functions.js';
import { loadLibrary } from './library.js';
import { alignedFloats } from './memory.js';
import { readTensor, tensorFrom, tensorOver } from './tensor.js';

describeWithLibrary('tensors made of bytes', (library) => {
  let c: NativeFunctions;
  beforeAll(() => {
    ({ c } = loadLibrary(library));
  });

  it('hold what a view shows of its buffer, wherever that begins', () => {
    const views = [
      (part: Uint8Array) => part,
      (part: Uint8Array) => new DataView(part.buffer, part.byteOffset, part.length),
      (part: Uint8Array) => Buffer.from(part.buffer, part.byteOffset, part.length),
    ];
    const cases = fc.record({
      bytes: fc.uint8Array({ maxLength: 200 }),
      begin: fc.nat({ max: 200 }),
      end: fc.nat({ max: 200 }),
      as: fc.constantFrom(...views),
    });
    fc.assert(
      fc.property(cases, ({ bytes, begin, end, as }) => {
        const part = bytes.subarray(Math.min(begin, end), end);
        const view = as(part);
        const tensor = tensorFrom(c, dataType.uint8, [part.length], view);
        const padded = new Uint8Array(part.length + 2).fill(7);
        readTensor(c, tensor, padded.subarray(1, -1));
        c.TF_DeleteTensor(tensor);
        expect([...padded]).toEqual([7, ...part, 7]);
      }),
    );
  });

  it('have the shape and type that was asked for', () => {
    const tensor = tensorFrom(c, dataType.int32, [2, 0, 3], new Int32Array(0));
    expect([c.TF_NumDims(tensor), c.TF_Dim(tensor, 0), c.TF_Dim(tensor, 1)]).toEqual([3, 2, 0]);
    expect(c.TF_TensorType(tensor)).toBe(dataType.int32);
    readTensor(c, tensor, new Int32Array(0));
    c.TF_DeleteTensor(tensor);
  });

  it('are aligned as the vector instructions of TensorFlow want them', () => {
    for (const length of [1, 3, 1000]) {
      const tensor = tensorFrom(c, dataType.float32, [length], new Float32Array(length));
      expect(c.TF_TensorData(tensor) % 64n).toBe(0n);
      c.TF_DeleteTensor(tensor);
    }
  });

  it('lie where the array does, if that is aligned', () => {
    const cases = fc.record({
      length: fc.integer({ min: 1, max: 300 }),
      begin: fc.nat({ max: 20 }),
    });
    fc.assert(
      fc.property(cases, ({ length, begin }) => {
        const memory = alignedFloats(begin + length);
        const part = memory.subarray(begin);
        part.fill(1);
        const tensor = tensorOver(c, dataType.float32, [length], part);
        part[0] = 2;
        const values = new Float32Array(length);
        readTensor(c, tensor, values);
        c.TF_DeleteTensor(tensor);
        // How much alignment it takes, and so whether it was copied, is the library's business.
        if (begin % 16 === 0) expect(values[0]).toBe(2);
        expect(values.subarray(1)).toEqual(part.subarray(1));
      }),
    );
  });

  it('are neither filled nor read by arrays of another length', () => {
    const short = new Float32Array(3);
    for (const make of [tensorFrom, tensorOver]) {
      expect(() => make(c, dataType.float32, [2, 2], short)).toThrowError(/12 bytes .* of 16/);
    }
    const tensor = tensorFrom(c, dataType.float32, [3], short);
    expect(() => readTensor(c, tensor, new Float32Array(2))).toThrowError(/8 bytes .* of 12/);
    expect(() => readTensor(c, tensor, new Float32Array(4))).toThrowError(/16 bytes .* of 12/);
    c.TF_DeleteTensor(tensor);
  });
});

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeHeader, encodeHeader, frame, frameKinds, headerBytes } from './frameHeader.js';

const number = fc.nat(0xffff_ffff);
const header = fc.record({
  kind: fc.constantFrom(...Object.values(frameKinds)),
  operation: number,
  pass: number,
  slice: number,
  chunk: number,
  begin: number,
  bytes: number,
});

it('reads what it has written, wherever that lies', () => {
  fc.assert(
    fc.property(header, fc.nat(7), (written, offset) => {
      const bytes = new Uint8Array(offset + headerBytes + 3);
      bytes.set(encodeHeader(written), offset);
      expect(decodeHeader(bytes.subarray(offset, offset + headerBytes))).toEqual(written);
    }),
  );
});

it('takes no other bytes for a header', () => {
  const good = encodeHeader(frame(frameKinds.reduce, { bytes: 4 }));
  expect(decodeHeader(good)).not.toBeNull();
  for (const [at, value] of [
    [0, 0x53],
    [1, 0x53],
    [2, 0],
    [2, 2],
    [3, 0],
    [3, 200],
  ] as const) {
    const other = good.slice();
    other[at] = value;
    expect(decodeHeader(other)).toBeNull();
  }
  expect(decodeHeader(good.subarray(1))).toBeNull();
  expect(decodeHeader(new Uint8Array(headerBytes + 1))).toBeNull();
});

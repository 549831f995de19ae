import fc from 'fast-check';
import { expect, it } from 'vitest';
import { encodeHeader, type FrameHeader, frame, frameKinds } from './frameHeader.js';
import { FrameReader } from './frameReader.js';

/** A sink that takes payloads, but those of operations with odd numbers. */
function recording() {
  const received: { header: FrameHeader; payload: Uint8Array | null }[] = [];
  return {
    received,
    sink: {
      place: ({ operation, bytes }: FrameHeader) =>
        operation % 2 === 1 ? null : new Uint8Array(bytes),
      received: (header: FrameHeader, payload: Uint8Array | null) =>
        void received.push({ header, payload }),
      lost: () => undefined,
    },
  };
}

it('finds all frames, however the stream is cut, and leaves out what is not wanted', () => {
  const frames = fc.array(
    fc.record({ operation: fc.nat(9), payload: fc.uint8Array({ maxLength: 200 }) }),
    { maxLength: 8 },
  );
  fc.assert(
    fc.property(
      frames,
      fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1 }),
      (given, cuts) => {
        const sent = given.map(({ operation, payload }) => ({
          header: frame(frameKinds.reduce, { operation, bytes: payload.length }),
          payload,
        }));
        const stream = Buffer.concat(
          sent.flatMap(({ header, payload }) => [encodeHeader(header), payload]),
        );
        const { received, sink } = recording();
        const reader = new FrameReader(sink);
        for (let at = 0, cut = 0; at < stream.length; cut++) {
          const count = cuts[cut % cuts.length]!;
          expect(reader.push(stream.subarray(at, at + count))).toBe(true);
          at += count;
        }
        const wanted = sent.filter(
          ({ header, payload }) => payload.length === 0 || header.operation % 2 === 0,
        );
        expect(received).toEqual(
          wanted.map(({ header, payload }) => ({
            header,
            payload: payload.length > 0 ? payload : null,
          })),
        );
      },
    ),
  );
});

it('skips payloads that are larger than anything that it keeps', () => {
  const { received, sink } = recording();
  const reader = new FrameReader(sink);
  reader.push(encodeHeader(frame(frameKinds.reduce, { operation: 1, bytes: 1_000_000 })));
  reader.push(new Uint8Array(1_000_000));
  const after = frame(frameKinds.received);
  reader.push(encodeHeader(after));
  expect(received).toEqual([{ header: after, payload: null }]);
});

it('gives up at what is no frame', () => {
  const { sink } = recording();
  const reader = new FrameReader(sink);
  expect(reader.push(Buffer.from('GET / HTTP/1.1\r\n'))).toBe(true);
  expect(reader.push(Buffer.from('Host: localhost\r\n\r\n'))).toBe(false);
});

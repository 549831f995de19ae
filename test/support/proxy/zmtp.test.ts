import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { identityIn, type Unit, ZmtpReader } from './zmtp.js';

interface Sent {
  readonly command: boolean;
  readonly bodies: readonly Uint8Array[];
}

/** A frame as the RFC has it: short ones may be written in the long way, too. */
function frame(body: Uint8Array, flags: number): Buffer {
  const size = Buffer.alloc(body.length > 255 ? 8 : 1);
  if (size.length === 8) size.writeBigUInt64BE(BigInt(body.length));
  else size.writeUInt8(body.length);
  return Buffer.concat([Buffer.from([flags | (size.length === 8 ? 2 : 0)]), size, body]);
}

const greeting = Buffer.alloc(64, 7);
const bytesOf = ({ command, bodies }: Sent): Buffer =>
  Buffer.concat(bodies.map((body, i) => frame(body, command ? 4 : i < bodies.length - 1 ? 1 : 0)));

const body = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.uint8Array({ minLength: 254, maxLength: 258 }),
);
const message = fc.record({
  command: fc.constant(false),
  bodies: fc.array(body, { minLength: 1, maxLength: 4 }),
});
const ping = fc.constant({ command: true, bodies: [Buffer.from('\x04PING\0\0later')] });

/** The stream in chunks that end at these places. */
function pushAll(stream: Buffer, cuts: readonly number[]): { reader: ZmtpReader; units: Unit[] } {
  const reader = new ZmtpReader();
  const ends = [...new Set([...cuts.map((cut) => cut % (stream.length + 1)), stream.length])];
  ends.sort((a, b) => a - b);
  const units = ends.flatMap((end, i) =>
    reader.push(Buffer.from(stream.subarray(ends[i - 1] ?? 0, end))),
  );
  return { reader, units };
}

describe('reading ZMTP', () => {
  it('finds the same units in whatever chunks the bytes come, and loses none', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(message, ping), { maxLength: 6 }),
        fc.array(fc.nat(5_000), { maxLength: 30 }),
        (sent, cuts) => {
          const stream = Buffer.concat([greeting, ...sent.map(bytesOf)]);
          const { reader, units } = pushAll(stream, cuts);
          expect(Buffer.concat(units.map(({ bytes }) => bytes)).equals(stream)).toBe(true);
          expect(reader.pending).toBe(0);
          const greeted = units.filter(({ unit }) => unit === 'greeting');
          expect(Buffer.concat(greeted.map(({ bytes }) => bytes)).equals(greeting)).toBe(true);
          const read = units
            .slice(greeted.length)
            .map((unit) =>
              unit.unit === 'message'
                ? unit.frames.map((each) => each.body.toString('hex'))
                : unit.unit === 'command' && unit.name,
            );
          const expected = sent.map(({ command, bodies }) =>
            command ? 'PING' : bodies.map((each) => Buffer.from(each).toString('hex')),
          );
          expect(read).toEqual(expected);
        },
      ),
    );
  });

  it('keeps what is not whole', () => {
    fc.assert(
      fc.property(message, fc.nat(), (sent, place) => {
        const bytes = bytesOf(sent);
        const cut = place % bytes.length;
        const reader = new ZmtpReader();
        reader.push(greeting);
        expect(reader.push(bytes.subarray(0, cut))).toEqual([]);
        expect(reader.pending).toBe(cut);
        expect(reader.push(bytes.subarray(cut))).toMatchObject([{ unit: 'message' }]);
      }),
    );
  });

  it('lets a command between the frames of a message go first', () => {
    const pieces = [frame(Buffer.from('a'), 1), frame(Buffer.from('\x04PING\0\0'), 4)];
    const { units } = pushAll(Buffer.concat([greeting, ...pieces, frame(Buffer.from('b'), 0)]), []);
    expect(units.map(({ unit }) => unit)).toEqual(['greeting', 'command', 'message']);
    expect(units[2]?.bytes.toString('latin1')).toBe('\x01\x01a\0\x01b');
  });
});

it('knows the identity of a READY', () => {
  const property = (name: string, value: string): Buffer => {
    const size = Buffer.alloc(4);
    size.writeUInt32BE(value.length);
    return Buffer.concat([Buffer.from([name.length]), Buffer.from(name), size, Buffer.from(value)]);
  };
  const ready = Buffer.concat([
    Buffer.from('\x05READY'),
    property('Socket-Type', 'DEALER'),
    property('Identity', 'worker-7'),
  ]);
  const { units } = pushAll(Buffer.concat([greeting, frame(ready, 4)]), []);
  const [, command] = units;
  if (command?.unit !== 'command') throw new Error('no command was read');
  expect(Buffer.from(identityIn(command)!, 'hex').toString()).toBe('worker-7');
});

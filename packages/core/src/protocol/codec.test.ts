import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LockstepError } from '../errors.js';
import type { Frames } from '../transport/index.js';
import { decode, encode, type Tensors } from './codec.js';
import { coordinatorExamples, workerExamples } from './examples.suite.js';
import { type Header, protocolVersion, type Sender, tensorRules } from './messages.js';

interface Example {
  header: Header;
  tensors?: Tensors;
}

const cases: [string, Sender, Example][] = [
  ...Object.entries(workerExamples).map(([k, e]) => [k, 'worker', e] as [string, Sender, Example]),
  ...Object.entries(coordinatorExamples).map(
    ([k, e]) => [k, 'coordinator', e] as [string, Sender, Example],
  ),
];

const other = (from: Sender): Sender => (from === 'worker' ? 'coordinator' : 'worker');

function codeOf(frames: Frames, from: Sender): string | undefined {
  try {
    decode(frames, from);
    return undefined;
  } catch (error) {
    if (error instanceof LockstepError) return error.code;
    throw error;
  }
}

/** Encodes a header that TypeScript would not let through. */
const malformed = (example: Example, change: object): Frames =>
  encode({ ...example.header, ...change } as Header, example.tensors ?? {});

describe.each(cases)('%s', (_kind, from, example) => {
  it('round-trips', () => {
    const { header, tensors } = decode(encode(example.header, example.tensors ?? {}), from);
    expect(header).toEqual(example.header);
    expect(tensors).toEqual(example.tensors ?? {});
  });

  it('is refused from the wrong side', () => {
    expect(codeOf(encode(example.header, example.tensors ?? {}), other(from))).toBe(
      'PROTOCOL_VIOLATION',
    );
  });

  it('is refused with an unknown field', () => {
    expect(codeOf(malformed(example, { extra: 1 }), from)).toBe('PROTOCOL_VIOLATION');
  });

  const required = Object.keys(example.header).filter(
    (field) => field !== 'kind' && !['slot', 'hint', 'times'].includes(field),
  );
  it.each(required)('is refused without %s, and with a wrong type for it', (field) => {
    const { [field as keyof Header]: _removed, ...rest } = example.header;
    expect(codeOf(encode(rest as Header, example.tensors ?? {}), from)).toBe('PROTOCOL_VIOLATION');
    expect(codeOf(malformed(example, { [field]: new Map([[1, 2]]) }), from)).toBe(
      'PROTOCOL_VIOLATION',
    );
  });

  it('is refused with a tensor it does not carry', () => {
    const tensors = { ...example.tensors, surplus: Uint8Array.of(1) };
    expect(codeOf(encode(example.header, tensors), from)).toBe('PROTOCOL_VIOLATION');
  });

  it('is refused when frames are missing, surplus or of another length', () => {
    const frames = encode(example.header, example.tensors ?? {});
    expect(codeOf([...frames, Uint8Array.of(0)], from)).toBe('PROTOCOL_VIOLATION');
    if (frames.length > 1) {
      expect(codeOf(frames.slice(0, -1), from)).toBe('PROTOCOL_VIOLATION');
      const cut = [...frames.slice(0, -1), frames.at(-1)!.subarray(1)];
      expect(codeOf(cut, from)).toBe('PROTOCOL_VIOLATION');
    }
  });
});

describe.each(cases.filter(([kind]) => tensorRules[kind as Header['kind']]?.required))(
  '%s',
  (_kind, from, example) => {
    it('is refused without its tensors', () => {
      expect(codeOf(encode(example.header), from)).toBe('PROTOCOL_VIOLATION');
    });
  },
);

describe('decode', () => {
  it('names the version when a hello is of another one, whatever else it says', () => {
    const frames = encode({ kind: 'hello', protocol: protocolVersion + 1, later: 1 } as never);
    expect(codeOf(frames, 'worker')).toBe('PROTOCOL_MISMATCH');
  });

  it('lets a loss of NaN or infinity through', () => {
    for (const sum of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const header = {
        ...workerExamples.contribution.header,
        metrics: { loss: { sum, count: 1 } },
      };
      expect(decode(encode(header), 'worker').header).toEqual(header);
    }
  });

  it('leaves out what is undefined', () => {
    const { header } = coordinatorExamples.welcome;
    const model = { ...header.model, metrics: undefined };
    expect(decode(encode({ ...header, model }), 'coordinator').header).toEqual(header);
  });

  it('knows no integers that JSON does not know', () => {
    const { header } = coordinatorExamples.welcome;
    const config = { units: 2n ** 64n - 1n, least: -(2n ** 63n) };
    const model = { ...header.model, topology: { class_name: 'Sequential', config } };
    const decoded = decode(encode({ ...header, model }), 'coordinator').header;
    expect(decoded).toMatchObject({
      model: { topology: { config: { units: 2 ** 64, least: -(2 ** 63) } } },
    });
  });

  it('lets no worker move the cursor of a terminal', () => {
    const { header } = workerExamples.hello;
    const host = '\u001b[2Jhost\r';
    expect(decode(encode({ ...header, host }), 'worker').header).toMatchObject({
      host: '\ufffd[2Jhost\ufffd',
    });
    const kind = '\u001b[31mhello';
    expect(() => decode(encode({ ...header, kind } as never), 'worker')).toThrow(
      "a worker does not say '\ufffd[31mhello'",
    );
  });

  it('reads float32 frames that start at any byte', () => {
    const { header, tensors } = workerExamples.contribution;
    for (let shift = 0; shift < 4; shift++) {
      const [head, body, checksum] = encode(header, tensors);
      const moved = new Uint8Array(body!.byteLength + 4);
      moved.set(body!, shift);
      const frames = [head!, moved.subarray(shift, shift + body!.byteLength), checksum!];
      expect(decode(frames, 'worker').tensors).toEqual(tensors);
    }
  });

  it('answers any bytes with a message or a LockstepError', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 64 }), { maxLength: 4 }), (frames) => {
        codeOf(frames, 'worker');
        codeOf(frames, 'coordinator');
      }),
      { numRuns: 2_000 },
    );
  });

  it('refuses a message of which any bit was turned on its way', () => {
    const all = cases.map(([, from, e]) => [from, encode(e.header, e.tensors ?? {})] as const);
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.nat(), fc.nat(7), (which, where, place, bit) => {
        const [from, frames] = all[which % all.length]!;
        const damaged = frames.map((frame) => Uint8Array.from(frame));
        const frame = damaged[where % damaged.length]!;
        // An empty tensor has no bit.
        fc.pre(frame.length > 0);
        frame[place % frame.length]! ^= 1 << bit;
        expect(codeOf(damaged, from)).toMatch(/^PROTOCOL_(VIOLATION|MISMATCH)$/);
      }),
      { numRuns: 5_000 },
    );
  });

  it('says that a message was damaged where it is well-formed all the same', () => {
    const { header, tensors } = workerExamples.contribution;
    const frames = encode(header, tensors).map((frame) => Uint8Array.from(frame));
    frames[1]![0]! ^= 1;
    expect(() => decode(frames, 'worker')).toThrow("'contribution' was damaged on its way");
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOf, sha256 } from '../hash.js';
import { modelHash, zoo } from '../model/index.js';
import type { Checkpoint } from './checkpoint.js';
import { decodeCheckpoint } from './decode.js';
import { encodeCheckpoint } from './encode.js';
import { fromExactJson, toExactJson } from './exactJson.js';
import { exampleCheckpoint } from './example.suite.js';
import { aligned } from './format.js';
import type { TensorEntry } from './header.js';

const encoded = (checkpoint: Checkpoint) =>
  new Uint8Array(Buffer.concat([...encodeCheckpoint(checkpoint)]));

/** Bits, not values: NaN payloads count, too. */
const bits = ({ weights, optimizer, remembered }: Checkpoint) => [
  sha256(bytesOf(weights)),
  remembered && sha256(bytesOf(remembered)),
  Object.entries(optimizer.slots).map(([name, slot]) => [name, sha256(bytesOf(slot))]),
  optimizer.iterations,
];

const headerLength = (bytes: Uint8Array) => new DataView(bytes.buffer).getUint32(12, true);

/** What the tests break in a header. */
interface Breakable {
  cursor: { step?: number };
  tensors: [TensorEntry, TensorEntry, TensorEntry, TensorEntry];
  parameters: [object, object];
}

/** The same file with another header and a checksum that fits: what a wrong writer could make. */
function rewritten(bytes: Uint8Array, change: (header: Breakable) => unknown): Uint8Array {
  const end = 16 + headerLength(bytes);
  const header = fromExactJson(new TextDecoder().decode(bytes.subarray(16, end))) as Breakable;
  const changed = change(header);
  const json = new TextEncoder().encode(
    typeof changed === 'string' ? changed : toExactJson(header),
  );
  const prefix = new Uint8Array(aligned(16 + json.length));
  prefix.set(bytes.subarray(0, 16));
  new DataView(prefix.buffer).setUint32(12, json.length, true);
  prefix.set(json, 16);
  return sealed(Buffer.concat([prefix, bytes.subarray(aligned(end), -32)]));
}

function sealed(content: Uint8Array): Uint8Array {
  return new Uint8Array(Buffer.concat([content, Buffer.from(sha256(content), 'hex')]));
}

const corrupt = (text: string | RegExp) =>
  expect.objectContaining({
    code: 'CHECKPOINT_CORRUPT',
    message: typeof text === 'string' ? `x.ckpt ${text}` : expect.stringMatching(text),
  });

/** Object.prototype as the prototype, as what JSON gives has. */
const plain = { noNullPrototype: true } as const;
const floats = (length: number) =>
  fc.float32Array({ minLength: length, maxLength: length, noNaN: false });
const number = fc.oneof(fc.double(), fc.constantFrom(Number.NaN, Infinity, -Infinity, -0));
const count = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const word = fc.stringMatching(/^[a-zA-Z_/ü]{1,9}$/).filter((text) => text !== '__proto__');
const logs = fc.dictionary(word, number, plain);

const checkpoints: fc.Arbitrary<Checkpoint> = fc
  .array(
    fc.record(
      {
        name: word,
        shape: fc.array(fc.nat(6), { maxLength: 3 }),
        trainable: fc.boolean(),
      },
      plain,
    ),
    { maxLength: 5 },
  )
  .chain((parameters) => {
    const sizes = parameters.map(({ shape }) => shape.reduce((a, b) => a * b, 1));
    const all = sizes.reduce((a, b) => a + b, 0);
    const trainable = sizes.reduce((a, b, i) => a + (parameters[i]!.trainable ? b : 0), 0);
    return fc
      .record(
        {
          header: fc.record(
            {
              lockstepVersion: fc.string(),
              createdAt: fc
                .date({
                  min: new Date('2000-01-01'),
                  max: new Date('2100-01-01'),
                  noInvalidDate: true,
                })
                .map((date) => date.toISOString()),
              runId: word,
              cursor: fc.record({ epoch: count, step: count, position: count }, plain),
              seed: fc.integer(),
              learningRate: fc.double({ min: 0, max: 10, noNaN: true }),
              epochSums: fc.dictionary(word, fc.record({ sum: number, count }, plain), plain),
              history: fc.array(fc.record({ epoch: count, logs }, plain)),
              callbacks: fc.oneof(logs, number, fc.string()),
              model: fc.constant(zoo.tiny!),
              modelHash: fc.constant(modelHash(zoo.tiny!)),
              datasetHash: word,
              config: logs,
              parameters: fc.constant(parameters),
              worldSize: fc.nat(64),
              collective: fc.constantFrom(null, 'single' as const, 'ring' as const),
              finished: fc.constantFrom(null, 'early-stop' as const, 'epochs' as const),
            },
            plain,
          ),
          weights: floats(all),
          optimizer: fc.record(
            {
              iterations: count,
              slots: fc.dictionary(word, floats(trainable), { maxKeys: 3, ...plain }),
            },
            plain,
          ),
          remembered: floats(all),
        },
        { requiredKeys: ['header', 'weights', 'optimizer'], ...plain },
      )
      .map(({ header, ...rest }) => ({
        ...rest,
        header: { ...header, weightsSha256: sha256(bytesOf(rest.weights)) },
      }));
  });

describe('the checkpoint format', () => {
  it('gives back every header and every bit of every tensor, from any alignment', () => {
    fc.assert(
      fc.property(checkpoints, fc.nat(7), (checkpoint, shift) => {
        const file = encoded(checkpoint);
        const shifted = new Uint8Array(file.length + shift).subarray(shift);
        shifted.set(file);
        const decoded = decodeCheckpoint(shifted, 'x.ckpt');
        expect(decoded.header).toStrictEqual(checkpoint.header);
        expect(bits(decoded)).toStrictEqual(bits(checkpoint));
      }),
    );
  });

  it('hands out arrays of its own', () => {
    const file = encoded(exampleCheckpoint({}));
    const { weights } = decodeCheckpoint(file, 'x.ckpt');
    file.fill(0);
    expect(weights).toEqual(new Float32Array(10).fill(0.5));
  });

  it('lays the file out as it is described, each tensor on a multiple of 64', () => {
    const file = encoded(exampleCheckpoint({}));
    expect(new TextDecoder().decode(file.subarray(0, 8))).toBe('LOCKSTEP');
    const view = new DataView(file.buffer);
    expect(view.getUint32(8, true)).toBe(1);
    const end = 16 + headerLength(file);
    const header = JSON.parse(new TextDecoder().decode(file.subarray(16, end)));
    expect(header.formatVersion).toBe(1);
    expect(header.tensors).toEqual([
      { name: 'weights', length: 10, offset: 0 },
      { name: 'optimizer/momentum', length: 6, offset: 64 },
      { name: 'optimizer/velocity', length: 6, offset: 128 },
      { name: 'remembered', length: 10, offset: 192 },
    ]);
    const begin = Math.ceil(end / 64) * 64;
    expect(file.subarray(end, begin).every((byte) => byte === 0)).toBe(true);
    expect([0, 64, 128, 192].map((offset) => view.getFloat32(begin + offset, true))).toEqual([
      0.5, 1, 2, -1,
    ]);
    expect(Buffer.from(file.subarray(-32)).toString('hex')).toBe(sha256(file.subarray(0, -32)));
    expect(file.length).toBe(begin + 192 + 40 + 32);
  });

  it('refuses every file with a flipped bit', () => {
    const file = encoded(exampleCheckpoint({}));
    for (let bit = 0; bit < file.length * 8; bit += 1) {
      file[bit >> 3]! ^= 1 << (bit & 7);
      let refused = false;
      try {
        decodeCheckpoint(file, 'x.ckpt');
      } catch (thrown) {
        refused = (thrown as { code?: string }).code === 'CHECKPOINT_CORRUPT';
      }
      if (!refused) expect.fail(`bit ${bit} of ${file.length * 8} was flipped unnoticed`);
      file[bit >> 3]! ^= 1 << (bit & 7);
    }
    expect(() => decodeCheckpoint(file, 'x.ckpt')).not.toThrow();
  });

  it('refuses every file that is cut short, and one with bytes appended', () => {
    const file = encoded(exampleCheckpoint({}));
    for (let length = 0; length < file.length; length += 1) {
      expect(() => decodeCheckpoint(file.subarray(0, length), 'x.ckpt')).toThrowError(
        corrupt(/^x\.ckpt (is cut short|is not a Lockstep checkpoint)/),
      );
    }
    const longer = new Uint8Array(Buffer.concat([file, new Uint8Array(64)]));
    expect(() => decodeCheckpoint(longer, 'x.ckpt')).toThrowError(corrupt(/checksum/));
  });

  const whole = encoded(exampleCheckpoint({}));
  const withVersion = (version: number) => {
    const content = whole.slice(0, -32);
    new DataView(content.buffer).setUint32(8, version, true);
    return sealed(content);
  };
  const tensor = (index: 0 | 1 | 2 | 3, change: object) =>
    rewritten(whole, (header) => void Object.assign(header.tensors[index], change));

  it.each<[string, Uint8Array, string | RegExp]>([
    ['another file', new TextEncoder().encode('PK'.repeat(99)), 'is not a Lockstep checkpoint'],
    ['a newer version', withVersion(2), /has the newer format version 2; .* reads version 1$/],
    ['version 0', withVersion(0), /has the unknown format version 0/],
    [
      'a header that is no JSON',
      rewritten(whole, () => '{"formatVersion":'),
      /has a header that is no JSON: SyntaxError/,
    ],
    [
      'a missing field',
      rewritten(whole, (header) => void delete header.cursor.step),
      /does not fit the format: header cursor\.step: /,
    ],
    [
      'a field too many',
      rewritten(whole, (header) => void Object.assign(header, { password: 1 })),
      /does not fit the format: .*password/,
    ],
    [
      'an offset outside',
      tensor(3, { offset: 256 }),
      'has a tensor remembered that reaches beyond the end',
    ],
    ['a length outside', tensor(3, { length: 11 }), /remembered that reaches beyond the end/],
    ['a huge length', tensor(3, { length: 2 ** 52 }), /remembered that reaches beyond the end/],
    ['an overlap', tensor(1, { offset: 0 }), /that overlaps the one before/],
    ['an unaligned offset', tensor(1, { offset: 68 }), /begins between two multiples of 64: 68/],
    ['a negative offset', tensor(0, { offset: -64 }), /header tensors\.0\.offset/],
    ['a name twice', tensor(2, { name: 'optimizer/momentum' }), /momentum that is there twice/],
    ['an unknown tensor', tensor(2, { name: 'x' }), /tensor x, which the format does not know/],
    [
      'bytes of no tensor',
      rewritten(whole, (header) => void header.tensors.pop()),
      'has bytes that belong to no tensor',
    ],
    ['no weights', rewritten(whole, (header) => void header.tensors.shift()), 'has no weights'],
    [
      'swapped tensors',
      rewritten(whole, ({ tensors }) => {
        tensors[0].name = 'remembered';
        tensors[3].name = 'weights';
      }),
      'contradicts itself: the weights are not those of the hash in the header',
    ],
    [
      'other shapes',
      rewritten(whole, ({ parameters }) => void Object.assign(parameters[0], { shape: [2, 2] })),
      'contradicts itself: it has 10 weights, but parameters for 8',
    ],
    [
      'a slot of another size',
      rewritten(whole, ({ parameters }) => void Object.assign(parameters[1], { trainable: true })),
      /its optimizer slots have 6 elements, but 10 parameters are trainable/,
    ],
    ['slots of two sizes', tensor(2, { length: 5 }), /the optimizer slots differ in length/],
    [
      'another number of remembered weights',
      rewritten(whole, ({ tensors }) => {
        [tensors[2].name, tensors[3].name] = ['remembered', 'optimizer/velocity'];
      }),
      /it remembers 6 weights, but has 10/,
    ],
  ])('refuses %s', (_name, file, message) => {
    expect(() => decodeCheckpoint(file, 'x.ckpt')).toThrowError(corrupt(message));
  });

  it('does not write a checkpoint that contradicts itself', () => {
    const internal = expect.objectContaining({ code: 'INTERNAL' });
    const short = exampleCheckpoint({ weights: new Float32Array(9) });
    expect(() => encodeCheckpoint(short)).toThrowError(internal);
    const { header, ...rest } = exampleCheckpoint({});
    expect(() =>
      encodeCheckpoint({ ...rest, header: { ...header, createdAt: 'today' } }),
    ).toThrowError(internal);
  });
});

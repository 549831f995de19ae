import fc from 'fast-check';
import { Packr } from 'msgpackr';
import type { Frames } from '../transport/index.js';
import { checksumOf } from './checksum.js';
import { encode } from './codec.js';
import { coordinatorExamples, workerExamples } from './examples.suite.js';
import { hostileBytes } from './hostileBytes.suite.js';
import type { Sender } from './messages.js';

/** Packs what no correct peer packs: sets, dates, errors, regular expressions, integers of 64 bits. */
const packr = new Packr({ useRecords: false, moreTypes: true });

/** What a field may hold instead of what belongs there: made anew, since more may be put into it. */
const nastyValues: readonly (() => unknown)[] = [
  () => Number.NaN,
  () => Number.POSITIVE_INFINITY,
  () => -1,
  () => -0,
  () => 0.5,
  () => 2 ** 31,
  () => Number.MAX_SAFE_INTEGER,
  () => Number.MAX_SAFE_INTEGER + 1,
  () => 1e308,
  () => 2n ** 64n - 1n,
  () => null,
  () => undefined,
  () => true,
  () => '',
  () => 'x'.repeat(201),
  () => '\u001b]0;title\u0007\u001b[2J',
  () => '\ud800',
  () => '__proto__',
  () => 'constructor',
  () => [],
  () => ({}),
  () => JSON.parse('{"toString":1,"hasOwnProperty":2,"then":3,"length":-1}'),
  () => JSON.parse('{"__proto__":{"kind":"hello"},"constructor":{"sum":1,"count":1}}'),
  () => JSON.parse('['.repeat(90) + ']'.repeat(90)),
  () => new Uint8Array(64),
  () => new Date(Number.NaN),
  () => new Set([1]),
  () => new Map([[{}, 1]]),
  () => /(a+)+$/,
  () => new Error('no'),
];

/** The same, rarely: they take their time. */
const largeValues: readonly (() => unknown)[] = [
  () => 'x'.repeat(100_001),
  () => Array(1_000).fill(null),
  () => Array(1_000).fill({ begin: 0, end: Number.MAX_SAFE_INTEGER }),
  () => Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`k${i}`, { sum: 1, count: 1 }])),
];

const nastyValue = (index: number, value: number): unknown =>
  index === 0 ? largeValues[value % largeValues.length]!() : nastyValues[value]!();

type Step = readonly [index: number, what: number, value: number];
const steps = fc.array(fc.tuple(fc.nat(60), fc.nat(7), fc.nat(nastyValues.length - 1)), {
  minLength: 1,
  maxLength: 3,
});

/** An object or a list within a header, and the names of what it holds. */
type Node = Record<string, unknown>;
const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && !ArrayBuffer.isView(value);

function nodesOf(root: Node): Node[] {
  const nodes = [root];
  for (const node of nodes) nodes.push(...Object.values(node).filter(isNode));
  return nodes;
}

/** Something else in place of, beside, or without some field, anywhere in it. */
function mutate(header: object, taken: readonly Step[]): unknown {
  const root = structuredClone(header) as Node;
  for (const [index, what, value] of taken) {
    const nodes = nodesOf(root);
    const node = nodes[index % nodes.length]!;
    const fields = Object.keys(node);
    const field = fields[(index + value) % Math.max(1, fields.length)] ?? 'more';
    if (what === 0) delete node[field];
    else if (what === 1) node[`${field}s`] = nastyValue(index, value);
    else if (what === 2) define(node, '__proto__', nastyValue(index, value));
    else if (what === 3 && typeof root.generation === 'number') root.generation += value - 16;
    else if (what === 4 && 'run' in root) root.run = 'another-run';
    else node[field] = nastyValue(index, value);
  }
  return root;
}

/** As an own property, whatever its name means. */
function define(node: Node, name: string, value: unknown): void {
  Object.defineProperty(node, name, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });
}

/** Frames of which some are gone, twice there, cut, longer, empty, or in another place. */
function disturb(frames: Frames, [index, what, value]: Step): Frames {
  const at = index % Math.max(1, frames.length);
  const frame = frames[at] ?? new Uint8Array(0);
  const others = (...put: Frames): Frames => frames.toSpliced(at, 1, ...put);
  switch (what) {
    case 0:
      return others();
    case 1:
      return others(frame, frame);
    case 2:
      return others(frame.subarray(value % (frame.length + 1)));
    case 3:
      return others(frame.subarray(0, frame.length - 1));
    case 4:
      return others(Buffer.concat([frame, new Uint8Array(value)]));
    case 5:
      return others(new Uint8Array(0));
    case 6:
      return frames.toReversed();
    default:
      return [...frames, ...Array.from({ length: 2 * value }, () => frame)];
  }
}

/** Tokens that announce something: lengths, extensions, records. */
const tokens = [0xdd, 0xdf, 0xdb, 0xc6, 0xc9, 0xd4, 0xd6, 0x72, 0x69, 0x70, 0xc1, 0xff, 0x91, 0x81];

/** Bytes of which some are others, gone, or more. */
function corrupt(frame: Uint8Array, [index, what, value]: Step): Uint8Array {
  const at = (index * 31 + value) % Math.max(1, frame.length);
  const [before, after] = [frame.subarray(0, at), frame.subarray(at + 1)];
  const token = tokens[value % tokens.length]!;
  if (what < 3)
    return Buffer.concat([before, Uint8Array.of((frame[at] ?? 0) ^ (1 << what)), after]);
  if (what < 5) return Buffer.concat([before, Uint8Array.of(token), after]);
  if (what < 6) return Buffer.concat([before, Uint8Array.of(token, value), frame.subarray(at)]);
  return what < 7 ? before : Buffer.concat([before, after]);
}

const examplesOf = {
  worker: Object.values(workerExamples),
  coordinator: Object.values(coordinatorExamples),
} as const;

/** Messages of one side that were right once. */
const mutated = (from: Sender) =>
  fc
    .record({
      example: fc.constantFrom(...examplesOf[from]),
      header: fc.option(steps, { freq: 4 }),
      frames: fc.option(steps, { freq: 1 }),
      bytes: fc.option(steps, { freq: 1 }),
      isWhole: fc.nat(9).map((n) => n > 0),
    })
    .map(({ example, header, frames, bytes, isWhole }): Frames => {
      const right = encode(example.header, example.tensors ?? {});
      const checksum = right.pop()!;
      const table = 'tensors' in example ? tableOf(example.tensors) : {};
      const head =
        header === null ? right[0]! : packed(mutate({ ...example.header, ...table }, header));
      const corrupted = (bytes ?? []).reduce(corrupt, head);
      const all = (frames ?? []).reduce<Frames>(disturb, [corrupted, ...right.slice(1)]);
      // Damage on the way is one thing; whoever means it sends the checksum that belongs to it.
      return [...all, isWhole ? checksumOf(all) : checksum];
    });

/** As `encode` writes it, to be changed with the rest of the header. */
const tableOf = (tensors: object = {}) => ({
  tensors: Object.entries(tensors).map(([name, array]) => ({
    name,
    type: array instanceof Float32Array ? 'float32' : 'uint8',
    length: array.length,
  })),
});

/** A copy: the packer writes on where it was. */
const packed = (value: unknown): Uint8Array => Uint8Array.from(packr.pack(value));

/** Those that are large are tried by name, and take their time. */
const listed = fc.constantFrom(
  ...Object.values(hostileBytes).filter((frames) => Buffer.concat(frames).length < 10_000),
);
const random = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 3 });

/**
 * What a hostile peer may send: mostly messages that are right but for something, some of which are right after all;
 * now and then random bytes, or one of the named ones.
 */
export const hostileFrames = (from: Sender): fc.Arbitrary<Frames> =>
  fc.oneof(
    { arbitrary: mutated(from), weight: 90 },
    { arbitrary: random, weight: 9 },
    { arbitrary: listed, weight: 1 },
  );

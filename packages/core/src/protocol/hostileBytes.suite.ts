import type { Frames } from '../transport/index.js';
import { encode } from './codec.js';
import { workerExamples } from './examples.suite.js';

/*
 * Byte strings that have brought down, stopped or filled some reader of MessagePack, or that could. Each is refused by
 * the decoder, whoever sends it; what they have in common with random bytes is told by the fuzzers.
 */

type Part = number | string | Uint8Array;

/** Bytes, and the characters of texts. */
export const bytes = (...parts: readonly Part[]): Uint8Array =>
  Buffer.concat(
    parts.map((part) => (typeof part === 'number' ? Uint8Array.of(part) : Buffer.from(part))),
  );

/** A text of at most 31 bytes. */
export const shortText = (value: string): Uint8Array =>
  bytes(0xa0 + Buffer.byteLength(value), value);

const repeated = (count: number, ...parts: readonly Part[]): Uint8Array =>
  Buffer.alloc(count * bytes(...parts).length, bytes(...parts));

/** A message of some kind, with one more entry: a name, and what these parts make. */
const saying = (kind: string, ...parts: readonly Part[]): Uint8Array =>
  bytes(0x82, shortText('kind'), shortText(kind), shortText('more'), ...parts);

/** An extension of four bytes, as references have them. */
const define = (id: number): Uint8Array => bytes(0xd6, 0x69, 0, 0, 0, id);
const point = (id: number): Uint8Array => bytes(0xd6, 0x70, 0, 0, 0, id);

/** A list of 2^30 elements, in some 500 bytes: each is twice the one before. */
const laughs = bytes(
  ...[0xdc, 0, 31],
  ...[define(0), 0x90],
  ...Array.from({ length: 30 }, (_, i) => [define(i + 1), 0x92, point(i), point(i)]).flat(),
);

const [hello] = encode(workerExamples.hello.header) as [Uint8Array];
const gradient = encode(workerExamples.contribution.header, workerExamples.contribution.tensors);
const [contribution] = gradient as [Uint8Array];

/** A `hello`, in which a text of one length stands in place of another one. */
const replaced = (from: string, to: string): Uint8Array =>
  Buffer.from(Buffer.from(hello).toString('latin1').replace(from, to), 'latin1');

/** An object with a length that cannot be compared. */
const notAText = bytes(0x81, shortText('length'), 0x81, shortText('toString'), 1);

export const hostileBytes: Readonly<Record<string, Frames>> = {
  'no frame': [],
  'an empty frame': [bytes()],
  'a thousand empty frames': Array.from({ length: 1_000 }, () => bytes()),
  'a megabyte and one byte': [new Uint8Array(1024 * 1024 + 1)],
  'an HTTP request': [bytes('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')],
  'the byte that MessagePack never uses': [bytes(0xc1)],
  'a number': [bytes(0x07)],
  nil: [bytes(0xc0)],
  'a list of nothing': [bytes(0x90)],
  'lists in lists, a million deep': [repeated(1_000_000, 0x91)],
  'maps in maps, 300,000 deep': [repeated(300_000, 0x81, 0xa1, 0x61)],
  'a map that is its own key, 500,000 deep': [repeated(500_000, 0x81)],
  'lists in lists, one too deep': [saying('hello', repeated(100, 0x91), 0xc0)],
  'lists of many lists of many': [bytes(repeated(16, 0xdd, 0, 1, 0, 0), 0xc0)],
  'a list of four billion': [bytes(0xdd, 0xff, 0xff, 0xff, 0xff)],
  'a map of four billion': [bytes(0xdf, 0xff, 0xff, 0xff, 0xff)],
  'a text of four gigabytes': [bytes(0xdb, 0xff, 0xff, 0xff, 0xff, 0x41)],
  'a text longer than its frame': [saying('hello', 0xd9, 0xff, 0x41)],
  'bytes longer than their frame': [saying('hello', 0xc6, 0x7f, 0xff, 0xff, 0xff, 0)],
  'an extension of four gigabytes': [saying('hello', 0xc9, 0xff, 0xff, 0xff, 0xff, 0x74)],
  'a length without its bytes': [bytes(0xdd, 0, 0)],
  'a million lists': [bytes(0xdd, 0, 0x0f, 0, 0, repeated(0xf0000, 0x90))],
  'a million lists, and one byte more': [bytes(0xdd, 0, 0x0f, 0, 0, repeated(0xf0000, 0x90), 1)],
  'a hello, and one byte more': [bytes(hello, 0)],
  'a hello twice in a frame': [bytes(hello, hello)],
  'a hello twice in two frames': [hello, hello],
  'half a hello': [hello.subarray(0, hello.length >> 1)],
  'a record, for which a reader writes code': [
    bytes(0xd4, 0x72, 0x40, 0x91, shortText('kind'), shortText('hello')),
  ],
  'a record with a key that is code': [
    bytes(0xd4, 0x72, 0x40, 0x91, shortText('a:1}});process.exit(1)//'), 0x01),
  ],
  'a record with a number of two bytes': [
    bytes(0xd5, 0x72, 0x40, 0x01, 0x91, shortText('kind'), shortText('hello')),
  ],
  'a regular expression': [saying('hello', 0xd4, 0x78, 0, 0x92, shortText('(a+)+$'), 0xa0)],
  'a billion in a list of lists': [saying('hello', laughs)],
  'a billion, and one byte more': [bytes(saying('hello', laughs), 0)],
  'a list that contains itself': [saying('hello', define(1), 0x91, point(1))],
  'a map that contains itself': [saying('hello', define(1), 0x81, shortText('a'), point(1))],
  'a reference to nothing': [saying('hello', point(9))],
  'texts in a bundle that begins before itself': [
    bytes(0xc7, 4, 0x62, 0xff, 0xff, 0xff, 0, 0xa1, 0x61, 0xa1, 0x62, 0xc1),
  ],
  'an integer of a hundred thousand digits': [
    saying('hello', 0xc8, 0xa0, 0, 0x42, repeated(0xa000, 0x7f)),
  ],
  'an error': [saying('hello', 0xd4, 0x65, 0, 0x93, shortText('TypeError'), shortText('x'), 0xc0)],
  'a set': [saying('hello', 0xd4, 0x73, 0, 0x91, 1)],
  'floats that are not whole': [saying('hello', 0xc7, 4, 0x74, 8, 1, 2, 3)],
  'a date': [saying('hello', 0xd6, 0xff, 0, 0, 0, 1)],
  'undefined, as an extension': [saying('hello', 0xd4, 0, 0)],
  'a kind that all objects have': [bytes(0x81, shortText('kind'), shortText('constructor'))],
  'a kind that is the prototype': [bytes(0x81, shortText('kind'), shortText('__proto__'))],
  'a prototype': [saying('hello', 0x80), bytes()],
  'another prototype for a hello': [bytes(0x81, shortText('__proto__'), hello)],
  'a kind that is a list': [bytes(0x81, shortText('kind'), 0x91, shortText('hello'))],
  'a kind whose length is a map that is no number': [bytes(0x81, shortText('kind'), notAText)],
  'a kind of many lines': [bytes(0x81, shortText('kind'), shortText('\u001b[2J\n\nroot@host:~# '))],
  'a host whose bytes are no characters': [bytes(replaced('engine', '\xff\xfe\xc0\x80\xed\xa0'))],
  'a protocol that is not a number': [replaced('\xa8protocol', '\xa8protocol\xcb\x7f\xf8')],
  'a protocol of 64 bits': [saying('hello', 0x81, shortText('protocol'), 0xcf, repeated(8, 0xff))],
  'a table of tensors that are numbers': [
    bytes(0x82, shortText('kind'), shortText('state'), shortText('tensors'), 0xdc, 0xff, 0xff),
    bytes(),
  ],
  'a contribution without its gradient': [contribution],
  'a contribution with its gradient twice': [...gradient, gradient[1]!],
  'a contribution whose gradient lacks a byte': [contribution, gradient[1]!.subarray(1)],
  'a contribution whose gradient comes first': [gradient[1]!, contribution],
};

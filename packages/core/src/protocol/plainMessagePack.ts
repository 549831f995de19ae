/** Objects within lists within objects: a topology of nested models needs some twenty levels. */
const deepest = 100;

/**
 * Why these bytes are not one plain MessagePack value: null, true, numbers, texts, bytes, lists and maps, and nothing
 * after it. Null: they are.
 *
 * To be asked before the bytes are unpacked. The unpacker knows more than a header needs, and obeys whoever wrote it:
 * records, for which it writes code; references, with which six hundred bytes become a list of a billion, or one that
 * contains itself; regular expressions; levels without end. What follows a value it quotes in full.
 */
export function whyNotPlain(bytes: Uint8Array): string | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  /** Values that are still to come, level by level. */
  const open = [1];
  let at = 0;
  for (let level = 0; level >= 0; level = open.length - 1) {
    if (open[level] === 0) {
      open.pop();
      continue;
    }
    open[level]! -= 1;
    if (at >= bytes.length) return cutShort;
    const shape = shapeOf(bytes[at]!);
    if (shape === null) return `it has an extension (byte ${at})`;
    const begin = at + 1 + shape.lengthBytes;
    if (begin > bytes.length) return cutShort;
    const count = shape.count ?? lengthAt(view, at + 1, shape.lengthBytes);
    if (shape.holds === 'bytes') {
      at = begin + count;
      if (at > bytes.length) return cutShort;
    } else {
      at = begin;
      if (open.length === deepest) return `it has more than ${deepest} levels`;
      open.push(count * shape.holds);
    }
  }
  return at === bytes.length ? null : `${bytes.length - at} bytes follow it`;
}

const cutShort = 'it is cut short';

interface Shape {
  /** What comes after the token and its length: bytes, or values for each element. */
  readonly holds: 'bytes' | 1 | 2;
  /** How many bytes tell the length; 0: `count` is known. */
  readonly lengthBytes: 0 | 1 | 2 | 4;
  readonly count?: number;
}

/** What a token begins. Null: an extension, or what MessagePack does not use. */
function shapeOf(token: number): Shape | null {
  if (token < 0x80 || token >= 0xe0) return of('bytes', 0);
  if (token < 0x90) return of(2, token - 0x80);
  if (token < 0xa0) return of(1, token - 0x90);
  if (token < 0xc0) return of('bytes', token - 0xa0);
  return shapes[token] ?? null;
}

const of = (holds: Shape['holds'], count: number): Shape => ({ holds, lengthBytes: 0, count });
const longer = (holds: Shape['holds'], lengthBytes: 1 | 2 | 4): Shape => ({ holds, lengthBytes });

/** By token, as the specification of MessagePack lists them. */
const shapes: Readonly<Record<number, Shape>> = {
  // nil, false, true
  192: of('bytes', 0),
  194: of('bytes', 0),
  195: of('bytes', 0),
  // bin 8, 16, 32
  196: longer('bytes', 1),
  197: longer('bytes', 2),
  198: longer('bytes', 4),
  // float 32, 64
  202: of('bytes', 4),
  203: of('bytes', 8),
  // uint and int of 8, 16, 32, 64 bits
  204: of('bytes', 1),
  205: of('bytes', 2),
  206: of('bytes', 4),
  207: of('bytes', 8),
  208: of('bytes', 1),
  209: of('bytes', 2),
  210: of('bytes', 4),
  211: of('bytes', 8),
  // str 8, 16, 32
  217: longer('bytes', 1),
  218: longer('bytes', 2),
  219: longer('bytes', 4),
  // array 16, 32
  220: longer(1, 2),
  221: longer(1, 4),
  // map 16, 32
  222: longer(2, 2),
  223: longer(2, 4),
};

function lengthAt(view: DataView, at: number, bytes: Shape['lengthBytes']): number {
  if (bytes === 1) return view.getUint8(at);
  return bytes === 2 ? view.getUint16(at) : view.getUint32(at);
}

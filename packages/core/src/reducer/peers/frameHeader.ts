/** What a frame between two ranks is. The numbers cross the wire. */
export const frameKinds = {
  /** The first word of whoever connects. Payload: the channel, in UTF-8. `slice`: its rank; `chunk`: whom it means. */
  hello: 1,
  /** You are whom I waited for. */
  welcome: 2,
  /** Nobody is waited for here by that name: perhaps later. */
  refuse: 3,
  /** A chunk of a partial sum. */
  reduce: 4,
  /** A chunk of a result. */
  gather: 5,
  /** The sender waits, in the end, for rank `slice`; `chunk` is 1 when it says so for the last time. */
  waiting: 6,
  /** The sender has all chunks of `operation`: what was sent of it may be written to again. */
  received: 7,
} as const;

export type FrameKind = (typeof frameKinds)[keyof typeof frameKinds];

/** Before each payload. All are integers from 0 to 2^32 - 1; what a kind does not need is 0. */
export interface FrameHeader {
  readonly kind: FrameKind;
  /** Counts the operations of a channel. */
  readonly operation: number;
  /** Counts the ranges of an operation that are added up by themselves. */
  readonly pass: number;
  readonly slice: number;
  readonly chunk: number;
  /** Where the chunk begins in the flat array: elements. */
  readonly begin: number;
  /** Length of the payload. */
  readonly bytes: number;
}

/** Raised with every change of what follows. */
const frameVersion = 1;
const magic = 0x4c52;

/** Length of a header. */
export const headerBytes = 28;

/** A header without what its kind does not need. */
export function frame(kind: FrameKind, fields: Partial<FrameHeader> = {}): FrameHeader {
  return { kind, operation: 0, pass: 0, slice: 0, chunk: 0, begin: 0, bytes: 0, ...fields };
}

/** Fixed in size and little endian: there is one for each chunk, in the middle of what has to be quick. */
export function encodeHeader(header: FrameHeader): Uint8Array {
  const bytes = new Uint8Array(headerBytes);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, magic, true);
  view.setUint8(2, frameVersion);
  view.setUint8(3, header.kind);
  view.setUint32(4, header.operation, true);
  view.setUint32(8, header.pass, true);
  view.setUint32(12, header.slice, true);
  view.setUint32(16, header.chunk, true);
  view.setUint32(20, header.begin, true);
  view.setUint32(24, header.bytes, true);
  return bytes;
}

const lastKind = Math.max(...Object.values(frameKinds));

const isKind = (kind: number): kind is FrameKind => kind >= 1 && kind <= lastKind;

/** @returns null for anything else than a header of this version */
export function decodeHeader(bytes: Uint8Array): FrameHeader | null {
  if (bytes.byteLength !== headerBytes) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, headerBytes);
  if (view.getUint16(0, true) !== magic || view.getUint8(2) !== frameVersion) return null;
  const kind = view.getUint8(3);
  if (!isKind(kind)) return null;
  return {
    kind,
    operation: view.getUint32(4, true),
    pass: view.getUint32(8, true),
    slice: view.getUint32(12, true),
    chunk: view.getUint32(16, true),
    begin: view.getUint32(20, true),
    bytes: view.getUint32(24, true),
  };
}

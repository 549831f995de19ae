/** Messages field by field, as protocol buffers are written: https://protobuf.dev/programming-guides/encoding/ */

/** A whole number; a negative one is its two's complement in 64 bits. */
export function varintField(number: number, value: number): Uint8Array {
  return Uint8Array.from([...base128(number << 3), ...base128(value)]);
}

function bytesField(number: number, content: Uint8Array): Uint8Array {
  return Buffer.concat([
    Uint8Array.from([...base128((number << 3) | 2), ...base128(content.byteLength)]),
    content,
  ]);
}

export const stringField = (number: number, text: string): Uint8Array =>
  bytesField(number, Buffer.from(text));

export const messageField = (number: number, ...fields: readonly Uint8Array[]): Uint8Array =>
  bytesField(number, Buffer.concat(fields));

function base128(value: number): number[] {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return [...bytes, Number(rest)];
}

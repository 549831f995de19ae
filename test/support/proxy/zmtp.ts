/** One frame of ZMTP 3, as it stands on the wire and what it carries. */
export interface Frame {
  readonly bytes: Buffer;
  readonly body: Buffer;
}

/** What may be passed on, or held back, on its own: nothing smaller has a meaning to the other end. */
export type Unit =
  /** A part of it: each end says the rest when it has heard the beginning of the other's. */
  | { readonly unit: 'greeting'; readonly bytes: Buffer }
  /** ZeroMQ's own: READY, PING, PONG, ... */
  | { readonly unit: 'command'; readonly name: string; readonly bytes: Buffer }
  | { readonly unit: 'message'; readonly frames: readonly Frame[]; readonly bytes: Buffer };

const greetingBytes = 64;
const more = 0b001;
const long = 0b010;
const command = 0b100;

/**
 * Reads one direction of a ZMTP 3 connection, however the bytes are cut into chunks: RFC 23 and 37 are the grammar.
 * ZeroMQ may put a command between the frames of a message; it then comes before that message.
 */
export class ZmtpReader {
  #chunks: Buffer[] = [];
  #length = 0;
  #greeting = greetingBytes;
  #frames: Frame[] = [];

  /** Bytes of a unit that has only begun. */
  get pending(): number {
    return this.#length + this.#frames.reduce((sum, { bytes }) => sum + bytes.length, 0);
  }

  push(chunk: Buffer): Unit[] {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    const units: Unit[] = [];
    for (let unit = this.#next(); unit !== null; unit = this.#next()) {
      if (unit !== 'frame') units.push(unit);
    }
    return units;
  }

  /** @returns `frame`: one of a message that has more; null: the rest has not come yet */
  #next(): Unit | 'frame' | null {
    if (this.#greeting > 0) {
      if (this.#length === 0) return null;
      const bytes = this.#take(Math.min(this.#greeting, this.#length))!;
      this.#greeting -= bytes.length;
      return { unit: 'greeting', bytes };
    }
    const flags = this.#peek(1)?.readUInt8(0);
    if (flags === undefined) return null;
    const header = (flags & long) === 0 ? 2 : 9;
    const start = this.#peek(header);
    if (start === null) return null;
    const size = header === 2 ? start.readUInt8(1) : Number(start.readBigUInt64BE(1));
    const bytes = this.#take(header + size);
    if (bytes === null) return null;
    const body = bytes.subarray(header);
    if ((flags & command) !== 0) {
      return { unit: 'command', name: body.toString('latin1', 1, 1 + body.readUInt8(0)), bytes };
    }
    this.#frames.push({ bytes, body });
    if ((flags & more) !== 0) return 'frame';
    const frames = this.#frames;
    this.#frames = [];
    return { unit: 'message', frames, bytes: Buffer.concat(frames.map((frame) => frame.bytes)) };
  }

  /** The next bytes, which stay; null: there are not so many. */
  #peek(count: number): Buffer | null {
    if (this.#length < count) return null;
    if (this.#chunks[0]!.length < count) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0]!.subarray(0, count);
  }

  #take(count: number): Buffer | null {
    const bytes = this.#peek(count);
    if (bytes === null) return null;
    const [first, ...rest] = this.#chunks;
    const left = first!.subarray(count);
    this.#chunks = left.length > 0 ? [left, ...rest] : rest;
    this.#length -= count;
    return bytes;
  }
}

/** The identity that a peer gives itself in its READY command; null: another command, or none. */
export function identityIn({ name, bytes }: Extract<Unit, { unit: 'command' }>): string | null {
  if (name !== 'READY') return null;
  const at = bytes.indexOf('\x08Identity');
  if (at < 0) return null;
  const begin = at + '\x08Identity'.length + 4;
  return bytes.toString('hex', begin, begin + bytes.readUInt32BE(begin - 4));
}

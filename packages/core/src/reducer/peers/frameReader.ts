import { decodeHeader, type FrameHeader, headerBytes } from './frameHeader.js';
import type { FrameSink } from './wire.js';

/** Where payloads go that nobody wants. */
const waste = new Uint8Array(65_536);

/**
 * Cuts a stream of bytes into frames, without a copy: it says where the next bytes belong, and they are read from
 * the socket to there. A header of its own for each payload means one more read, which is little beside a chunk.
 */
export class FrameReader {
  readonly #headerSpace = new Uint8Array(headerBytes);
  #header: FrameHeader | null = null;
  /** Null while the payload is skipped. */
  #payload: Uint8Array | null = null;
  /** Bytes of the header, or of the payload, that are there. */
  #taken = 0;

  constructor(private readonly sink: FrameSink) {}

  /** Where the next bytes are to be put: at least one, and not more than belong there. */
  next(): Uint8Array {
    if (this.#header === null) return this.#headerSpace.subarray(this.#taken);
    if (this.#payload !== null) return this.#payload.subarray(this.#taken);
    return waste.subarray(0, Math.min(waste.length, this.#header.bytes - this.#taken));
  }

  /**
   * @param count bytes that were put where `next` said
   * @returns false when what came is no frame: nothing more can be made of this stream
   */
  took(count: number): boolean {
    this.#taken += count;
    if (this.#header === null) return this.#taken < headerBytes || this.#takeHeader();
    if (this.#taken === this.#header.bytes) this.#takePayload(this.#header);
    return true;
  }

  /** For bytes that were read elsewhere. */
  push(bytes: Uint8Array): boolean {
    for (let at = 0; at < bytes.length; ) {
      const space = this.next();
      const count = Math.min(space.length, bytes.length - at);
      space.set(bytes.subarray(at, at + count));
      at += count;
      if (!this.took(count)) return false;
    }
    return true;
  }

  #takeHeader(): boolean {
    const header = decodeHeader(this.#headerSpace);
    if (header === null) return false;
    this.#taken = 0;
    if (header.bytes === 0) {
      this.sink.received(header, null);
      return true;
    }
    this.#header = header;
    this.#payload = this.sink.place(header);
    return true;
  }

  #takePayload(header: FrameHeader): void {
    const payload = this.#payload;
    this.#header = null;
    this.#payload = null;
    this.#taken = 0;
    if (payload !== null) this.sink.received(header, payload);
  }
}

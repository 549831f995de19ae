/** One thing that bytes pass one message after the other: an adapter's way out, its way in, a memory bus. */
export class Channel {
  #freeAt = 0;

  constructor(private readonly secondsPerByte: number) {}

  /**
   * Behind whatever it was given before.
   *
   * @param from when the first byte is there, in seconds; calls come in this order
   * @returns when the message begins to pass; it takes `duration` from there
   */
  begin(from: number, bytes: number): number {
    const begin = Math.max(from, this.#freeAt);
    this.#freeAt = begin + this.duration(bytes);
    return begin;
  }

  /** Seconds. */
  duration(bytes: number): number {
    return bytes * this.secondsPerByte;
  }
}

/** A tick may come late by so many ticks before the rest of the time does not count. */
const longestTicks = 5;

/**
 * The time that deadlines are measured in: milliseconds in which this process ran. While it is suspended
 * (Ctrl-Z, a sleeping laptop) or busy, and when somebody sets the system's clock, nobody's deadline passes.
 */
export class Clock {
  #now = 0;
  #last = performance.now();

  constructor(private readonly tickMs: number) {}

  /** @returns milliseconds since the clock was made */
  tick(): number {
    const now = performance.now();
    this.#now += Math.min(now - this.#last, longestTicks * this.tickMs);
    this.#last = now;
    return this.#now;
  }
}

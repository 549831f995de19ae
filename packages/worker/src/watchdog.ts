const checkMs = 250;

/**
 * Calls `onSilence` when nothing was heard for so long. Silence is counted while the event loop runs: a
 * rank that computes for seconds without a pause could not have heard anything.
 */
export class Watchdog {
  #silentMs = 0;
  readonly #timer: NodeJS.Timeout;

  constructor(
    private limitMs: number,
    onSilence: (limitMs: number) => void,
  ) {
    this.#timer = setInterval(() => {
      this.#silentMs += checkMs;
      if (this.#silentMs < this.limitMs) return;
      this.stop();
      onSilence(this.limitMs);
    }, checkMs);
  }

  /** @param limitMs from now on; unchanged when left out */
  heard(limitMs = this.limitMs): void {
    this.#silentMs = 0;
    this.limitMs = limitMs;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

import type { Endpoint } from '../network/endpoint.js';
import type { VirtualTime } from '../time/virtualTime.js';

/** Where the ranks of a host wait for each other, again and again, by flags in shared memory. */
export class Meeting {
  #arrived = 0;
  #latest = 0;
  #release: () => void = () => undefined;
  #released = this.#next();

  /** @param signal seconds until a rank sees what another has flagged */
  constructor(
    private readonly clock: VirtualTime,
    private readonly ranks: number,
    private readonly signal: number,
  ) {}

  /** Resolves when all have come, from what their cores do now. */
  async with({ core }: Endpoint): Promise<void> {
    const released = this.#released;
    this.#arrived += 1;
    this.#latest = Math.max(this.#latest, core.time);
    if (this.#arrived === this.ranks) {
      const release = this.#release;
      const end = this.ranks === 1 ? this.#latest : this.#latest + this.signal;
      this.#arrived = 0;
      this.#released = this.#next();
      this.clock.at(end, () => {
        release();
        this.clock.settled();
      });
    }
    await released;
  }

  #next(): Promise<void> {
    return new Promise((resolve) => {
      this.#release = resolve;
    });
  }
}

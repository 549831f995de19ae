import type { Possession, SimulatedProcess } from './process.js';
import type { Happening, World } from './world.js';

export type Callback = (...given: unknown[]) => void;

interface Settings {
  readonly delayMs: number;
  readonly repeats: boolean;
  readonly call: () => void;
}

/** What `setTimeout`, `setInterval` and `setImmediate` return to a simulated process. */
export class SimulatedTimer implements Possession {
  readonly name: string;
  #happening: Happening | null = null;

  constructor(
    private readonly world: World,
    private readonly owner: SimulatedProcess,
    private readonly settings: Settings,
  ) {
    const { delayMs, repeats } = settings;
    this.name = `${repeats ? 'an interval' : 'a timer'} of ${delayMs} ms`;
    owner.possessions.add(this);
    this.#wait();
  }

  #wait(): void {
    const { delayMs, repeats, call } = this.settings;
    this.#happening = this.world.after(delayMs, this.owner, () => {
      if (repeats) this.#wait();
      else this.close();
      call();
    });
  }

  ref(): this {
    if (this.#happening !== null) this.owner.possessions.add(this);
    return this;
  }

  /** A process may end while it waits for this one. */
  unref(): this {
    this.owner.possessions.delete(this);
    return this;
  }

  hasRef(): boolean {
    return this.owner.possessions.has(this);
  }

  close(): this {
    this.#happening?.cancel();
    this.#happening = null;
    this.owner.possessions.delete(this);
    return this;
  }

  drop(): void {
    this.close();
  }
}

import type { Occurrence } from '../time/eventQueue.js';
import type { VirtualTime } from '../time/virtualTime.js';

/** What a core does in one go. */
export interface Work {
  /** Says what it costs by `core.spend`; what it starts, starts at `core.time`. */
  perform(core: Core): void;
}

/**
 * A processor core that does one piece of work after the other. A piece is performed when it begins, and from
 * there on the core's own time runs ahead of the clock by what was spent.
 */
export class Core implements Occurrence {
  readonly #waiting: Work[] = [];
  #taken = 0;
  #isScheduled = false;
  #freeAt = 0;
  #spent = 0;

  constructor(private readonly clock: VirtualTime) {}

  /** The moment up to which this core has worked, or now: seconds. */
  get time(): number {
    return Math.max(this.#freeAt, this.clock.now);
  }

  /** Seconds that it has worked. */
  get spent(): number {
    return this.#spent;
  }

  spend(seconds: number): void {
    this.#freeAt = this.time + seconds;
    this.#spent += seconds;
  }

  /** At once, or behind what it does and has been given. */
  give(work: Work): void {
    if (this.#freeAt <= this.clock.now && this.#waiting.length === 0) work.perform(this);
    else this.#waiting.push(work);
    this.#scheduleNext();
  }

  /** The piece before is done, unless more was added to it meanwhile. */
  happen(): void {
    this.#isScheduled = false;
    if (this.#freeAt <= this.clock.now) this.#takeNext().perform(this);
    this.#scheduleNext();
  }

  #scheduleNext(): void {
    if (this.#isScheduled || this.#waiting.length === 0) return;
    this.#isScheduled = true;
    this.clock.schedule(this.#freeAt, this);
  }

  /** Shifting a long array would copy it each time. */
  #takeNext(): Work {
    const work = this.#waiting[this.#taken++]!;
    if (this.#taken === this.#waiting.length) {
      this.#waiting.length = 0;
      this.#taken = 0;
    }
    return work;
  }
}

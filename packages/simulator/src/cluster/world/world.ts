import type { Random } from '@lockstep/core/data';
import { EventQueue, type Occurrence } from '../../time/eventQueue.js';
import type { SimulatedProcess } from './process.js';

/** Before the globals are taken over. */
const realSetImmediate = setImmediate;

/** Moments that are the same to a clock are this far apart, in an order that the seed decides. Milliseconds. */
const tieMs = 1e-3;

/** Something that is to happen, to a process or to the world around all of them. */
export class Happening implements Occurrence {
  #action: (() => void) | null;

  constructor(
    private readonly world: World,
    readonly owner: SimulatedProcess | null,
    action: () => void,
  ) {
    this.#action = action;
  }

  happen(): void {
    const action = this.#action;
    if (action === null || this.isOff) return;
    if (this.owner?.isPaused) {
      this.owner.hold(this);
      return;
    }
    this.#action = null;
    this.world.enter(this.owner, action);
  }

  /** It will not happen, or not to anybody. */
  get isOff(): boolean {
    return this.#action === null || this.owner?.isAlive === false;
  }

  cancel(): void {
    this.#action = null;
  }
}

/**
 * Time, and all that happens in it: one event after the other, each followed by everything that promises make of it.
 * Only one process runs at a time, so whatever is asked for meanwhile is that process's.
 */
export class World {
  readonly #queue = new EventQueue();
  readonly #observers: (() => void)[] = [];
  #now = 0;
  #events = 0;
  #current: SimulatedProcess | null = null;
  #hasHappened = false;

  constructor(private readonly random: Random) {}

  /** Milliseconds since the beginning. */
  get now(): number {
    return this.#now;
  }

  get events(): number {
    return this.#events;
  }

  /** Whose code runs. */
  get current(): SimulatedProcess | null {
    return this.#current;
  }

  /** Calls this after each event, when all has run that follows from it. */
  onEvent(observe: () => void): void {
    this.#observers.push(observe);
  }

  /** @param owner null: the world around the processes */
  after(milliseconds: number, owner: SimulatedProcess | null, action: () => void): Happening {
    return this.at(this.#now + milliseconds + tieMs * this.random.float(), owner, action);
  }

  /** At this very moment, behind what was to happen then already. */
  at(time: number, owner: SimulatedProcess | null, action: () => void): Happening {
    const happening = new Happening(this, owner, action);
    this.#queue.push(Math.max(time, this.#now), happening);
    return happening;
  }

  /** This event goes on in a process: now, or when it runs again. */
  deliver(process: SimulatedProcess, action: () => void): void {
    new Happening(this, process, action).happen();
  }

  /** What was held back happens now, in its order. */
  resume(process: SimulatedProcess): void {
    for (const happening of process.resume()) this.#queue.push(this.#now, happening);
  }

  /** Runs code as this process's. */
  enter(process: SimulatedProcess | null, action: () => void): void {
    this.#current = process;
    this.#hasHappened = true;
    action();
  }

  /** Lets things happen until it is over, or nothing is left to happen. */
  async run(isOver: () => boolean): Promise<void> {
    while (!isOver() && this.#queue.size > 0) {
      const time = this.#queue.nextTime;
      const happening = this.#queue.pop() as Happening;
      if (happening.isOff) continue;
      this.#now = Math.max(this.#now, time);
      happening.happen();
      if (!this.#hasHappened) continue;
      this.#hasHappened = false;
      this.#events += 1;
      await nothingLeft();
      this.#current = null;
      for (const observe of this.#observers) observe();
    }
  }
}

/** Immediates come when there are no microtasks left, however long their chains. */
const nothingLeft = (): Promise<void> => new Promise((resolve) => realSetImmediate(resolve));

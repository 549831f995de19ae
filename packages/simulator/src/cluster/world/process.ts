import type { Happening } from './world.js';

/** Something that a process has open: a socket, a timer. */
export interface Possession {
  /** For the report of what was left behind. */
  readonly name: string;
  /** The process is gone: whatever it had is, too, without a word. */
  drop(): void;
}

/**
 * One process of the cluster: it owns every event that its code has asked for, so that it can be stopped (its events
 * wait) and killed (they never come, and all that it had open is dropped).
 */
export class SimulatedProcess {
  /** What it has open, and would keep a real process from ending. */
  readonly possessions = new Set<Possession>();
  readonly #held: Happening[] = [];
  #isPaused = false;
  #isAlive = true;

  /** @param name the same for whoever is started in its place */
  constructor(
    readonly name: string,
    readonly host: string,
  ) {}

  get isAlive(): boolean {
    return this.#isAlive;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** SIGSTOP. */
  pause(): void {
    this.#isPaused = true;
  }

  /** SIGCONT. @returns what was to happen meanwhile, in order */
  resume(): readonly Happening[] {
    this.#isPaused = false;
    return this.#held.splice(0);
  }

  /** It would happen now, but for the pause. */
  hold(happening: Happening): void {
    this.#held.push(happening);
  }

  /** SIGKILL, or the end of its program. */
  end(): void {
    this.#isAlive = false;
    this.#held.length = 0;
    for (const possession of [...this.possessions]) possession.drop();
    this.possessions.clear();
  }
}

/** Something that happens at a moment of virtual time. */
export interface Occurrence {
  happen(): void;
}

/**
 * What is still to happen, earliest first; what was scheduled for the same moment happens in the order in which
 * it was scheduled, so that a run repeats to the last event. A binary heap of parallel arrays: a simulation of
 * thousands of ranks pushes and pops tens of millions of times.
 */
export class EventQueue {
  readonly #times: number[] = [];
  readonly #turns: number[] = [];
  readonly #occurrences: Occurrence[] = [];
  #pushed = 0;

  get size(): number {
    return this.#times.length;
  }

  /** When the earliest happens; Infinity where there is none. */
  get nextTime(): number {
    return this.#times[0] ?? Number.POSITIVE_INFINITY;
  }

  /** @param time in seconds; not NaN */
  push(time: number, occurrence: Occurrence): void {
    const turn = this.#pushed++;
    let hole = this.#times.length;
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      // A newcomer goes behind all that have the same time.
      if (this.#times[parent]! <= time) break;
      this.#move(parent, hole);
      hole = parent;
    }
    this.#put(hole, time, turn, occurrence);
  }

  /** Takes out the earliest; there must be one. */
  pop(): Occurrence {
    const earliest = this.#occurrences[0]!;
    const time = this.#times.pop()!;
    const turn = this.#turns.pop()!;
    const occurrence = this.#occurrences.pop()!;
    const size = this.#times.length;
    if (size === 0) return earliest;
    let hole = 0;
    for (;;) {
      const child = this.#earlierChild(hole, size);
      if (child >= size || !this.#isBefore(child, time, turn)) break;
      this.#move(child, hole);
      hole = child;
    }
    this.#put(hole, time, turn, occurrence);
    return earliest;
  }

  #earlierChild(parent: number, size: number): number {
    const left = 2 * parent + 1;
    const right = left + 1;
    if (right >= size) return left;
    return this.#isBefore(right, this.#times[left]!, this.#turns[left]!) ? right : left;
  }

  #isBefore(index: number, time: number, turn: number): boolean {
    const other = this.#times[index]!;
    return other < time || (other === time && this.#turns[index]! < turn);
  }

  #move(from: number, to: number): void {
    this.#put(to, this.#times[from]!, this.#turns[from]!, this.#occurrences[from]!);
  }

  #put(index: number, time: number, turn: number, occurrence: Occurrence): void {
    this.#times[index] = time;
    this.#turns[index] = turn;
    this.#occurrences[index] = occurrence;
  }
}

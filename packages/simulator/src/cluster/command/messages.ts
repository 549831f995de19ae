import type { Result } from '../simulate.js';

/** What a thread is given to do: seeds from the first on. */
export interface Task {
  readonly first: number;
  readonly count: number;
}

/** What it says when it has done that: `null` for runs in which all was well. */
export interface Done {
  readonly events: number;
  /** How often runs ended how. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly failed: readonly Result[];
}

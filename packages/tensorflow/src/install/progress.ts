/** What an installation is doing; `done` of `total` bytes of all its wheels, but for `waiting`. */
export interface InstallProgress {
  readonly stage: 'waiting' | 'fetching' | 'checking' | 'unpacking';
  /** The wheel that it is at, or the process that is waited for. */
  readonly what: string;
  readonly done: number;
  readonly total: number;
}

export type OnProgress = (progress: InstallProgress) => void;

/** Counts the bytes of several files as one. */
export class Counter {
  #before = 0;

  constructor(
    private readonly stage: InstallProgress['stage'],
    private readonly total: number,
    private readonly onProgress: OnProgress,
  ) {}

  /** @param bytes of the present file that are done */
  at(what: string, bytes: number): void {
    const done = Math.min(this.#before + bytes, this.total);
    this.onProgress({ stage: this.stage, what, done, total: this.total });
  }

  finish(what: string, bytes: number): void {
    this.at(what, bytes);
    this.#before += bytes;
  }
}

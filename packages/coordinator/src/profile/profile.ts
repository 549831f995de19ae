import type { LockstepError } from '@lockstep/core';
import type { News } from '../machine/commands.js';
import { rowNames, stepEvents } from './traceEvents.js';
import { TraceFile } from './traceFile.js';

/**
 * `RUN/profile.json`: every step of every rank, for Perfetto (ui.perfetto.dev) or chrome://tracing. The clocks of
 * the ranks are aligned to the coordinator's. The last step of a run is missing: ranks tell of a step with the
 * next one.
 */
export class Profile {
  readonly #file: TraceFile;

  /** @param onFailure hears once of a file that cannot be written */
  constructor(
    file: string,
    private readonly run: string,
    onFailure: (failure: LockstepError) => void,
  ) {
    this.#file = new TraceFile(file, onFailure);
  }

  observe(news: News): void {
    if (news.news === 'started' || news.news === 'regrouped') {
      this.#file.write(rowNames(this.run, news.members));
    } else if (news.news === 'step') {
      // `cursor.step` steps are applied, and these are the times of the last but one.
      const step = news.cursor.step - 2;
      for (const [rank, times] of news.times.entries()) {
        if (times !== null) this.#file.write(stepEvents(rank, step, times));
      }
    }
  }

  /** Resolves when all of it is written, or can never be. */
  close(): Promise<void> {
    return this.#file.close();
  }
}

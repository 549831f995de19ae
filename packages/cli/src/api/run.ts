import { EventEmitter, on } from 'node:events';
import type { Outcome, RunRecord } from '@lockstep/coordinator';
import { LockstepError } from '@lockstep/core';
import type { Logs } from '@lockstep/core/metrics';
import type { Finished } from '../launch/conduct.js';
import type { RunEvent } from '../terminal/events.js';

/** What a run came to that did not fail. */
export interface RunResult {
  readonly stoppedBy: Exclude<Outcome['stoppedBy'], 'error'>;
  /** Why it stopped, as a sentence. */
  readonly message: string;
  /** Of the run, with its checkpoints: what `resume` and `openRun` take. */
  readonly directory: string;
  /** What is in `run.json`. */
  readonly record: Readonly<RunRecord>;
  /** Loss and metrics of each epoch that this run has trained, in order. */
  readonly history: readonly Logs[];
}

/**
 * A run that goes on. `for await (const event of run)` tells what happens from then on, until its end; who does not
 * listen misses nothing that `result` does not have. Leaving the loop does not end the run; `signal` does.
 */
export class Run implements AsyncIterable<RunEvent> {
  /** Rejects with a LockstepError where the run could not begin, or failed; aborted before, with the signal's reason. */
  readonly result: Promise<RunResult>;
  readonly #emitter = new EventEmitter();
  #isOver = false;

  /** @param start begins the run, not before this constructor is done */
  constructor(start: (emit: (event: RunEvent) => void) => Promise<Finished>) {
    const history: Logs[] = [];
    const started = Promise.resolve().then(() =>
      start((event) => {
        if (event.news === 'epoch') history.push(event.record.logs);
        this.#emitter.emit('event', event);
      }),
    );
    this.result = started
      .finally(() => {
        this.#isOver = true;
        this.#emitter.emit('over');
      })
      .then((finished) => resultOf(finished, history));
  }

  /** @throws LockstepError after the last event, where the run could not begin, or failed */
  async *[Symbol.asyncIterator](): AsyncGenerator<RunEvent, void, undefined> {
    // Who listens hears of a failure here.
    this.result.catch(() => undefined);
    if (!this.#isOver) {
      for await (const [event] of on(this.#emitter, 'event', { close: ['over'] })) yield event;
    }
    await this.result;
  }
}

function resultOf({ outcome, record, directory }: Finished, history: readonly Logs[]): RunResult {
  const { stoppedBy, message, code, hint } = outcome;
  if (stoppedBy !== 'error') return { stoppedBy, message, directory, record, history };
  throw new LockstepError(code ?? 'INTERNAL', message, hint === null ? {} : { hint });
}

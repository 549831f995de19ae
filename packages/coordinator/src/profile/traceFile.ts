import { createWriteStream, type WriteStream } from 'node:fs';
import { LockstepError } from '@lockstep/core';
import type { TraceEvent } from './traceEvents.js';

/** Characters that are collected before they go to the disk. */
const chunkLength = 65_536;

/**
 * Events, streamed to a file as they come: an array of JSON objects, one a line. Viewers do not need its end,
 * so that the file of a run that was killed can be opened as well.
 */
export class TraceFile {
  readonly #stream: WriteStream;
  #pending = '[\n';
  #isFirst = true;
  #failure: LockstepError | null = null;

  /** @param onFailure hears once of a file that cannot be written, with RUN_DIRECTORY; there is no more then */
  constructor(file: string, onFailure: (failure: LockstepError) => void) {
    this.#stream = createWriteStream(file);
    this.#stream.on('error', (cause) => {
      if (this.#failure !== null) return;
      this.#failure = new LockstepError('RUN_DIRECTORY', `cannot write ${file}: ${cause.message}`, {
        cause,
      });
      onFailure(this.#failure);
    });
  }

  write(events: readonly TraceEvent[]): void {
    if (this.#failure !== null) return;
    for (const event of events) {
      this.#pending += `${this.#isFirst ? '' : ',\n'}${JSON.stringify(event)}`;
      this.#isFirst = false;
    }
    if (this.#pending.length < chunkLength) return;
    this.#stream.write(this.#pending);
    this.#pending = '';
  }

  /** Resolves when all of it is with the operating system, or can never be. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#failure !== null) return resolve();
      this.#stream.once('close', resolve);
      this.#stream.end(`${this.#pending}\n]\n`);
    });
  }
}

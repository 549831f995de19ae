import { LockstepError } from '@lockstep/core';
import type { Batch, ChunkRequest } from '@lockstep/core/data';
import { type Deferred, deferred } from './deferred.js';

/** Asks the coordinator for samples, and matches its answers to the questions. */
export class ChunkClient {
  readonly #waiting = new Map<number, Deferred<Batch>>();
  #next = 0;

  constructor(private readonly send: (request: number, chunk: ChunkRequest) => void) {}

  fetch(chunk: ChunkRequest): Promise<Batch> {
    const request = this.#next++;
    const answer = deferred<Batch>();
    this.#waiting.set(request, answer);
    this.send(request, chunk);
    return answer.promise;
  }

  deliver(request: number, images: Uint8Array, labels: Uint8Array): void {
    const answer = this.#waiting.get(request);
    if (answer === undefined) {
      throw new LockstepError(
        'PROTOCOL_VIOLATION',
        'the coordinator sent samples nobody asked for',
      );
    }
    this.#waiting.delete(request);
    answer.resolve({ size: labels.length, images, labels });
  }
}

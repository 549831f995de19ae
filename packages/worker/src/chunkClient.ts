import { LockstepError } from '@lockstep/core';
import type { Batch, ChunkRequest } from '@lockstep/core/data';
import { type Deferred, deferred } from './deferred.js';

/** Asks the coordinator for samples, and matches its answers to the questions. */
export class ChunkClient {
  readonly #waiting = new Map<number, Deferred<Batch>>();
  #next = 0;
  #abandoned: Error | null = null;

  constructor(private readonly send: (request: number, chunk: ChunkRequest) => void) {}

  async fetch(chunk: ChunkRequest): Promise<Batch> {
    if (this.#abandoned !== null) throw this.#abandoned;
    const request = this.#next++;
    const answer = deferred<Batch>();
    this.#waiting.set(request, answer);
    this.send(request, chunk);
    return answer.promise;
  }

  /** Nothing more will come: whoever waits for samples, or asks for them later, hears why. */
  abandon(reason: Error): void {
    this.#abandoned = reason;
    this.letGo(reason);
  }

  /** What was asked for will not come any more: whoever waits for it hears why. */
  letGo(reason: Error): void {
    for (const answer of this.#waiting.values()) answer.reject(reason);
    this.#waiting.clear();
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

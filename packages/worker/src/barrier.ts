import { LockstepError } from '@lockstep/core';
import { type Barrier, Halted } from '@lockstep/core/collective';
import { type Deferred, deferred } from './deferred.js';

export type Contribution = Parameters<Barrier['contribute']>[0];
type Release = Awaited<ReturnType<Barrier['contribute']>>;

/** The coordinator's barrier over the link: sends this rank's part, and waits for `averaged`. */
export class LinkBarrier implements Barrier {
  #waiting: { readonly step: number; readonly release: Deferred<Release> } | null = null;
  #halted = false;

  constructor(private readonly send: (part: Contribution) => void) {}

  async contribute(part: Contribution): Promise<Release> {
    if (this.#halted) throw new Halted();
    const release = deferred<Release>();
    this.#waiting = { step: part.step, release };
    this.send(part);
    return release.promise;
  }

  /** `averaged` has arrived. */
  release(step: number, release: Release): void {
    if (this.#halted) return;
    const waiting = this.#waiting;
    if (waiting?.step !== step) {
      throw new LockstepError(
        'PROTOCOL_VIOLATION',
        `the coordinator averaged step ${step}, this rank is in step ${waiting?.step ?? 'none'}`,
      );
    }
    this.#waiting = null;
    waiting.release.resolve(release);
  }

  /** Gives up the step under way, and every later one: a new membership brings a new barrier. */
  halt(): void {
    this.#halted = true;
    this.#waiting?.release.reject(new Halted());
    this.#waiting = null;
  }
}

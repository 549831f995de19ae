import { LockstepError } from '@lockstep/core';
import { type Answer, type Barrier, type Contribution, Halted } from '@lockstep/core/collective';
import { type Deferred, deferred } from './deferred.js';

/** The coordinator's barrier over the link: sends this rank's parts, and waits for `averaged`. */
export class LinkBarrier implements Barrier {
  /** Parts that are not reported yet. */
  #noted: Contribution[] = [];
  #waiting: { readonly step: number; readonly answer: Deferred<Answer> } | null = null;
  #halted = false;

  constructor(private readonly send: (parts: readonly Contribution[]) => void) {}

  async contribute(part: Contribution): Promise<Answer> {
    if (this.#halted) throw new Halted();
    this.#noted.push(part);
    return part.reports ? this.#report() : goOn;
  }

  async flush(): Promise<void> {
    if (this.#noted.length > 0) await this.#report();
    else await this.#waiting?.answer.promise;
  }

  /** `averaged` has arrived. */
  release(step: number, answer: Answer): void {
    if (this.#halted) return;
    const waiting = this.#waiting;
    if (waiting?.step !== step) {
      throw new LockstepError(
        'PROTOCOL_VIOLATION',
        `the coordinator averaged step ${step}, this rank is in step ${waiting?.step ?? 'none'}`,
      );
    }
    this.#waiting = null;
    waiting.answer.resolve(answer);
  }

  /**
   * Gives up the step under way, and every later one: a new membership brings a new barrier. What was noted is applied,
   * or will be: the coordinator hears of it.
   */
  halt(): void {
    if (this.#halted) return;
    this.#halted = true;
    if (this.#noted.length > 0) this.send(this.#noted.splice(0));
    this.#waiting?.answer.reject(new Halted());
    this.#waiting = null;
  }

  #report(): Promise<Answer> {
    const parts = this.#noted;
    this.#noted = [];
    const waiting = { step: parts.at(-1)!.step, answer: deferred<Answer>() };
    this.#waiting = waiting;
    this.send(parts);
    return waiting.answer.promise;
  }
}

/** Nobody has been asked. */
const goOn: Answer = { proceed: true, gradient: null };

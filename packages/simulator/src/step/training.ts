import type { Part } from '@lockstep/core/collective';
import type { Range } from '@lockstep/core/data';
import type { VirtualRank } from '../collective/world.js';
import type { VirtualTime } from '../time/virtualTime.js';
import { compute } from './compute.js';
import type { Workload } from './workload.js';

/** When, in one step of one rank, in seconds. */
export interface Moments {
  /** It has its gradient. */
  readonly computed: number;
  /** It has the sum; with `star` the gradient is only now on its way. */
  readonly reduced: number;
  /** It may go on. */
  readonly released: number;
}

/** All ranks have as many samples; how many does not matter. */
const samples = 50;
const nothing = new Float32Array(0);

/** One rank that trains: what packages/worker does in a step, with time in the place of an engine. */
export class Training {
  constructor(
    private readonly clock: VirtualTime,
    private readonly rank: VirtualRank,
    private readonly workload: Workload,
  ) {}

  /** All ranks begin as they begin every later step. */
  async start(): Promise<void> {
    await this.rank.begin(this.#part(0, nothing));
  }

  /** The update of the step before, the gradient, the all-reduce, the barrier. */
  async step(step: number): Promise<Moments> {
    const { rank, workload } = this;
    await this.#compute(workload.apply);
    await this.#compute(workload.gradients);
    const computed = this.#now;
    const { reduced } = await rank.average(this.#part(step, rank.gradient()));
    return { computed, reduced, released: this.#now };
  }

  /** The same, but parts of the gradient are sent while others are computed. */
  async overlappedStep(step: number): Promise<Moments> {
    const { rank, workload } = this;
    await this.#compute(workload.apply);
    const computed = { at: 0 };
    const part = this.#part(step, rank.gradient());
    const { reduced } = await rank.average(part, this.#parts(computed));
    return { computed: computed.at, reduced, released: this.#now };
  }

  async *#parts(computed: { at: number }): AsyncGenerator<Range> {
    const { parts, sharesCore } = this.workload;
    const { slowness } = this.rank.endpoint;
    const begun = this.#now;
    let before = 0;
    for (const { range, at } of parts) {
      // A device beside the core goes on, whatever the core has to do for what was ready before.
      if (sharesCore) await this.#compute(at - before);
      else await this.clock.until(begun + at * slowness);
      before = at;
      computed.at = this.#now;
      yield range;
    }
  }

  #part(step: number, gradient: Float32Array): Part {
    const globalSamples = samples * this.rank.worldSize;
    return { step, samples, globalSamples, metrics: {}, reports: true, gradient };
  }

  get #now(): number {
    return this.rank.endpoint.core.time;
  }

  #compute(seconds: number): Promise<void> {
    return compute(this.clock, this.rank.endpoint, seconds, this.workload.sharesCore);
  }
}

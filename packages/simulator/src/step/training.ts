import type { Range } from '@lockstep/core/data';
import type { Hub } from '../collective/hub.js';
import type { VirtualRank } from '../collective/world.js';
import type { VirtualTime } from '../time/virtualTime.js';
import { compute } from './compute.js';
import type { Workload } from './workload.js';

/** When, in one step of one rank, in seconds. */
export interface Moments {
  /** It has its gradient. */
  readonly computed: number;
  /** It has the sum, and says so; with `star` the gradient is only now on its way. */
  readonly reduced: number;
  /** It is told to go on. */
  readonly released: number;
}

/** All ranks have as many samples; how many does not matter. */
const samples = 50;
const metrics = {};

/** One rank that trains: what packages/worker does in a step, with time in the place of an engine. */
export class Training {
  constructor(
    private readonly clock: VirtualTime,
    private readonly hub: Hub,
    private readonly rank: VirtualRank,
    private readonly workload: Workload,
  ) {}

  /** All ranks begin as they begin every later step: one after the other, as the coordinator tells them. */
  async start(): Promise<void> {
    await this.rank.barrier.contribute({ step: 0, samples, metrics, gradient: null });
  }

  /** The update of the step before, the gradient, the all-reduce, the barrier. */
  async step(step: number): Promise<Moments> {
    const { rank, workload } = this;
    await this.#compute(workload.apply);
    await this.#compute(workload.gradients);
    const computed = this.#now;
    const gradient = rank.gradient();
    const part = { step, samples, globalSamples: this.#globalSamples, metrics, gradient };
    await rank.average(part);
    return { computed, reduced: this.hub.askedAt(rank.rank), released: this.#now };
  }

  /** The same, but parts of the gradient are sent while others are computed. */
  async overlappedStep(step: number): Promise<Moments> {
    const { rank, workload } = this;
    await this.#compute(workload.apply);
    const computed = { at: 0 };
    await rank.adder!.allReduce(samples / this.#globalSamples, this.#parts(computed));
    await rank.barrier.contribute({ step, samples, metrics, gradient: null });
    return { computed: computed.at, reduced: this.hub.askedAt(rank.rank), released: this.#now };
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

  get #globalSamples(): number {
    return samples * this.rank.worldSize;
  }

  get #now(): number {
    return this.rank.endpoint.core.time;
  }

  #compute(seconds: number): Promise<void> {
    return compute(this.clock, this.rank.endpoint, seconds, this.workload.sharesCore);
  }
}

import { LockstepError, toLockstepError } from '@lockstep/core';
import {
  type Collective,
  type Contribution,
  Halted,
  reducedCollective,
  type ShardedCollective,
  shardedCollective,
  singleCollective,
  starCollective,
} from '@lockstep/core/collective';
import type { Header } from '@lockstep/core/protocol';
import type { FactorExchange, Reducer, ReducerName } from '@lockstep/core/reducer';
import { LinkBarrier } from '../barrier.js';
import type { LoadedModel } from '../engine/index.js';
import { agreeOnFactors } from './factors.js';
import type { ReducerMaker } from './reducerMaker.js';
import { shortestRound } from './shortestRound.js';
import { within } from './within.js';

export interface GroupOptions {
  readonly rank: number;
  readonly worldSize: number;
  /** Elements of the flat gradient. */
  readonly gradientLength: number;
  readonly channel: string;
  readonly stepTimeoutMs: number;
  readonly makeReducer: ReducerMaker;
  /** The model that it trains, which goes where the ranks average. */
  readonly model: Pick<LoadedModel, 'shardOptimizer' | 'moveIn' | 'factors'>;
  /** Whether each rank updates a part of the weights alone. */
  readonly isSharded: boolean;
  /** Samples of a global batch, in how many parts each rank computes its own, and whether it looks at the gradient. */
  readonly batchSize: number;
  readonly accumulate: number;
  readonly guarded: boolean;
  /** Of steps that follow each other. */
  readonly sendContributions: (parts: readonly Contribution[]) => void;
  readonly sendProbe: (request: number, round: number, gradient: Float32Array) => void;
}

/** What this rank has to say of an algorithm that it was told to try. */
type Answer = Pick<Header<'linked'>, 'milliseconds' | 'failure'>;

/** How long making a reducer may take while one is looked for, and one all-reduce; the larger of the two. */
const leastTrialMs = 7_500;
const trialPartOfStep = 1 / 8;
/** Past its deadline a reducer says itself whom it waited for, which is better to know than that it is late. */
const lastWordsMs = 1_000;
/**
 * In training the coordinator decides who is lost. A reducer gives up by itself only if the coordinator never
 * says a word, and not when a whole cluster was suspended for a while.
 */
const leastTrainingMs = 3_600_000;
const trainingSteps = 10;

/**
 * One membership, as a rank sees it: the barrier, and how its ranks average. A new membership is a new group.
 */
export class Group {
  readonly barrier: LinkBarrier;
  readonly #given = new AbortController();
  #trial: { readonly request: number; readonly barrier: LinkBarrier } | null = null;
  #reducer: Reducer | null = null;
  /** Takes the weights out of memory that goes with the reducer. */
  #leave: (() => Promise<void>) | null = null;
  #collective: Collective | ShardedCollective | null = null;
  #exchange: FactorExchange | null = null;

  constructor(private readonly options: GroupOptions) {
    this.barrier = new LinkBarrier(options.sendContributions);
  }

  /** What the ranks agreed on. */
  get collective(): Collective | ShardedCollective {
    if (this.#collective !== null) return this.#collective;
    throw new LockstepError(
      'PROTOCOL_VIOLATION',
      'the coordinator gave orders before the ranks had agreed on how to average',
    );
  }

  /** How the ranks average, for people. */
  get description(): string {
    const kernels = this.#exchange?.kernels.length ?? 0;
    const asFactors = `${kernels} large gradient${kernels === 1 ? '' : 's'} as factors`;
    return `'${this.collective.name}'${kernels === 0 ? '' : `, ${asFactors}`}`;
  }

  /** The ranks that this one waits for, without the coordinator. */
  get waitingFor(): readonly number[] {
    return this.#reducer?.waitingFor ?? [];
  }

  /**
   * Tries an algorithm, or begins to train with it. That it does not work is an answer, too.
   *
   * @throws Halted
   */
  async link({ request, collective, measure }: Header<'link'>): Promise<Answer> {
    try {
      if (!measure) {
        await this.#use(collective, request);
        return { milliseconds: null, failure: null };
      }
      return { milliseconds: await this.#measure(collective, request), failure: null };
    } catch (thrown) {
      if (thrown instanceof Halted) throw thrown;
      const { code, message } = toLockstepError(thrown);
      return { milliseconds: null, failure: { code, message } };
    }
  }

  /** `averaged`, but of a trial. */
  probed({ request, round }: Header<'probed'>, gradient: Float32Array): void {
    if (this.#trial?.request !== request) return;
    this.#trial.barrier.release(round, { proceed: true, gradient });
  }

  /** Gives up what is under way, and all that would follow. */
  halt(): void {
    this.#given.abort(new Halted());
    this.barrier.halt();
    this.#trial?.barrier.halt();
    this.#reducer?.abort(new Halted());
  }

  async close(): Promise<void> {
    this.halt();
    await this.#letGo();
  }

  async #use(collective: Header<'link'>['collective'], request: number): Promise<void> {
    await this.#letGo();
    switch (collective) {
      case 'single':
        this.#collective = singleCollective(this.barrier);
        return;
      case 'star':
        this.#collective = starCollective(this.barrier);
        return;
      default: {
        const { stepTimeoutMs, isSharded } = this.options;
        const deadlineMs = Math.max(leastTrainingMs, trainingSteps * stepTimeoutMs);
        const reducer = await this.#make(collective, request, deadlineMs);
        this.#reducer = reducer;
        await (isSharded ? this.#shard(reducer) : this.#moveIn(reducer));
        const agreeing = agreeOnFactors(reducer, this.options);
        this.#exchange = await this.#within(agreeing, collective, () => undefined);
        const collectiveOf = isSharded ? shardedCollective : reducedCollective;
        this.#collective = collectiveOf(reducer, this.barrier, this.#exchange);
      }
    }
  }

  /** The model updates its part of the weights, where all ranks of the host see them, or in memory of its own. */
  async #shard({ own, memory, shared }: Reducer): Promise<void> {
    const { model } = this.options;
    if (memory === null || shared === null) return model.shardOptimizer(own);
    this.#leave = () => model.shardOptimizer(own);
    await model.shardOptimizer(own, { memory, weights: shared.gathered });
  }

  /** The model updates its weights beside the average. */
  async #moveIn({ memory }: Reducer): Promise<void> {
    const { model } = this.options;
    if (memory === null) return;
    this.#leave = () => model.moveIn(null);
    await model.moveIn(memory);
  }

  async #measure(collective: Header<'link'>['collective'], request: number): Promise<number> {
    switch (collective) {
      case 'single':
        return 0;
      case 'star':
        return this.#measureStar(request);
      default: {
        // One that this rank could use already, and another one could not.
        await this.#letGo();
        const reducer = await this.#make(collective, request, this.#trialMs);
        this.#reducer = reducer;
        try {
          return await shortestRound((timeIsOver) => reduceOnce(reducer, timeIsOver));
        } finally {
          await this.#letGo();
        }
      }
    }
  }

  /** Gradients of the real size go to the coordinator, are averaged there, and come back. */
  async #measureStar(request: number): Promise<number> {
    const { gradientLength, worldSize, sendProbe } = this.options;
    const barrier = new LinkBarrier((parts) => {
      for (const { step, gradient } of parts) sendProbe(request, step, gradient!);
    });
    this.#trial = { request, barrier };
    const star = starCollective(barrier);
    const gradient = new Float32Array(gradientLength);
    let step = 0;
    try {
      return await shortestRound(async (timeIsOver) => {
        gradient[0] = timeIsOver ? 1 : 0;
        const part = {
          step,
          samples: 1,
          globalSamples: worldSize,
          metrics: {},
          reports: true,
          gradient,
        };
        step += 1;
        const average = await this.#within(star.allReduce(part), 'star', () => undefined);
        return (average.gradient?.[0] ?? 0) > 0;
      });
    } finally {
      this.#trial = null;
    }
  }

  #make(name: ReducerName, request: number, deadlineMs: number): Promise<Reducer> {
    const { makeReducer, channel } = this.options;
    const making = makeReducer(name, `${channel}-${request}`, deadlineMs, this.#given.signal);
    const late = (reducer: Reducer): void => void reducer.close();
    return this.#within(making, name, late, this.#trialMs + lastWordsMs);
  }

  #within<Value>(
    work: Promise<Value>,
    name: string,
    late: (value: Value) => void,
    limitMs = this.#trialMs,
  ): Promise<Value> {
    return within(work, {
      limitMs,
      signal: this.#given.signal,
      expired: () =>
        new LockstepError('WORKER_LOST', `'${name}' did not work within ${limitMs / 1000} s`),
      late,
    });
  }

  get #trialMs(): number {
    return Math.max(leastTrialMs, trialPartOfStep * this.options.stepTimeoutMs);
  }

  async #letGo(): Promise<void> {
    const reducer = this.#reducer;
    this.#reducer = null;
    this.#collective = null;
    this.#exchange = null;
    const leave = this.#leave;
    this.#leave = null;
    try {
      await leave?.();
    } finally {
      await reducer?.close();
    }
  }
}

/** One all-reduce of a gradient of zeros, but for the one element that says whose time is over. */
async function reduceOnce(reducer: Reducer, timeIsOver: boolean): Promise<boolean> {
  const input = reducer.input();
  input.fill(0);
  if (input.length > 0) input[0] = timeIsOver ? 1 : 0;
  const sum = await reducer.allReduce(1);
  return (sum[0] ?? 0) > 0;
}

import { type Compression, LockstepError } from '@lockstep/core';
import {
  type Barrier,
  type Part,
  starCollective,
  TrailingBarrier,
} from '@lockstep/core/collective';
import type { Range } from '@lockstep/core/data';
import type { Reducer } from '@lockstep/core/reducer';
import type { Endpoint } from '../network/endpoint.js';
import type { Network } from '../network/network.js';
import type { Adder } from './adder.js';
import type { Algorithm } from './algorithm.js';
import { type Arithmetic, lengthsOnly, realArithmetic } from './arithmetic.js';
import { Hub } from './hub.js';
import { modelledAdders } from './modelled.js';
import { lengthsRing, realRing } from './virtualRing.js';

export interface WorldOptions {
  readonly ranks: number;
  readonly allReduce: Algorithm;
  readonly compression: Compression;
  /** Elements of the gradient. */
  readonly length: number;
  /** Whether there are numbers at all, or only their lengths. */
  readonly isReal: boolean;
}

/** A rank as a program that trains sees it. */
export interface VirtualRank {
  readonly rank: number;
  readonly worldSize: number;
  readonly endpoint: Endpoint;
  /** Null where the coordinator adds up. */
  readonly adder: Adder | null;
  /** Where its gradient is put. */
  readonly gradient: () => Float32Array;
  /** Before the first step: what `average` leaves behind, without a step. */
  readonly begin: (part: Part) => Promise<void>;
  /**
   * The all-reduce, and the barrier.
   *
   * @param ready the ranges of the gradient, as they come to be known; not with `star`
   */
  readonly average: (part: Part, ready?: AsyncIterable<Range>) => Promise<Averaged>;
}

interface Averaged {
  readonly gradient: Float32Array;
  /** When the rank had the sum, in seconds; with `star` the gradient was only on its way then. */
  readonly reduced: number;
}

export interface World {
  readonly hub: Hub;
  readonly ranks: readonly VirtualRank[];
}

/** The ranks of a network, with what they have in production: `star` and `ring`, and models of the rest. */
export async function makeWorld(network: Network, options: WorldOptions): Promise<World> {
  const { ranks, allReduce, isReal } = options;
  const arithmetic = isReal ? realArithmetic : lengthsOnly();
  const hub = new Hub(network, ranks, arithmetic);
  const each = Array.from({ length: ranks }, (_, rank) => ({
    rank,
    worldSize: ranks,
    endpoint: network.endpoints[rank]!,
    barrier: hub.barrier(rank),
  }));
  if (allReduce === 'star')
    return { hub, ranks: each.map((rank) => starRank(rank, arithmetic, hub, options)) };
  if (allReduce === 'ring') {
    const reducers = await ringOf(network, options, arithmetic);
    return { hub, ranks: each.map((place) => ringRank(place, reducers[place.rank]!)) };
  }
  if (isReal) throw new LockstepError('INTERNAL', `'${allReduce}' is a model, without numbers`);
  const adders = modelledAdders(network, { ...options, allReduce }, arithmetic);
  const gradient = arithmetic.allocate(options.length);
  return { hub, ranks: each.map((place) => modelledRank(place, adders[place.rank]!, gradient)) };
}

type Place = Pick<VirtualRank, 'rank' | 'worldSize' | 'endpoint'> & { readonly barrier: Barrier };

function starRank(
  { barrier, ...place }: Place,
  arithmetic: Arithmetic,
  hub: Hub,
  { length }: WorldOptions,
): VirtualRank {
  const collective = starCollective(barrier);
  const own = arithmetic.allocate(length);
  return {
    ...place,
    adder: null,
    gradient: () => own,
    begin: async (part) => void (await barrier.contribute({ ...part, gradient: null })),
    async average(part) {
      const { gradient } = await collective.allReduce(part);
      return { gradient: gradient!, reduced: hub.askedAt(place.rank) };
    },
  };
}

const ringRank = (place: Place, reducer: Reducer): VirtualRank =>
  addingRank(place, reducer, () => reducer.input(), reducer.allReduce.bind(reducer));

const modelledRank = (place: Place, adder: Adder, gradient: Float32Array): VirtualRank =>
  addingRank(
    place,
    adder,
    () => gradient,
    async (weight, ready) => {
      await adder.allReduce(weight, ready);
      return gradient;
    },
  );

/** What reducedCollective does, with the time in between. */
function addingRank(
  { barrier, ...place }: Place,
  adder: Adder,
  gradient: () => Float32Array,
  reduce: Reducer['allReduce'],
): VirtualRank {
  const trailing = new TrailingBarrier(barrier);
  const report = (part: Part) => trailing.note({ ...part, gradient: null });
  return {
    ...place,
    adder,
    gradient,
    begin: async (part) => report(part),
    async average(part, ready) {
      const sum = await reduce(part.samples / part.globalSamples, ready);
      const reduced = place.endpoint.core.time;
      await trailing.hear();
      report(part);
      return { gradient: sum, reduced };
    },
  };
}

function ringOf(
  network: Network,
  { ranks, compression, length, isReal }: WorldOptions,
  arithmetic: Arithmetic,
): Promise<Reducer[]> | Reducer[] {
  const endpoints = Array.from({ length: ranks }, (_, rank) => rank);
  const options = { endpoints, length, compression };
  if (isReal) return realRing(network, options);
  return lengthsRing(network, options, arithmetic.allocate(length));
}

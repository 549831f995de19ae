import { type Compression, LockstepError } from '@lockstep/core';
import {
  type Barrier,
  type Part,
  reducedCollective,
  starCollective,
} from '@lockstep/core/collective';
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
  readonly barrier: Barrier;
  /** Null where the coordinator adds up. */
  readonly adder: Adder | null;
  /** Where its gradient is put. */
  readonly gradient: () => Float32Array;
  /** The all-reduce, and the barrier. @returns the average */
  readonly average: (part: Part) => Promise<Float32Array>;
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
    return { hub, ranks: each.map((rank) => starRank(rank, arithmetic, options)) };
  if (allReduce === 'ring') {
    const reducers = await ringOf(network, options, arithmetic);
    return { hub, ranks: each.map((rank) => reducedRank(rank, reducers[rank.rank]!)) };
  }
  if (isReal) throw new LockstepError('INTERNAL', `'${allReduce}' is a model, without numbers`);
  const adders = modelledAdders(network, { ...options, allReduce }, arithmetic);
  const gradient = arithmetic.allocate(options.length);
  return { hub, ranks: each.map((rank) => modelledRank(rank, adders[rank.rank]!, gradient)) };
}

type Place = Pick<VirtualRank, 'rank' | 'worldSize' | 'endpoint' | 'barrier'>;

function starRank(place: Place, arithmetic: Arithmetic, { length }: WorldOptions): VirtualRank {
  const collective = starCollective(place.barrier);
  const own = arithmetic.allocate(length);
  return {
    ...place,
    adder: null,
    gradient: () => own,
    average: async (part) => (await collective.allReduce(part)).gradient,
  };
}

function reducedRank(place: Place, reducer: Reducer): VirtualRank {
  const collective = reducedCollective(reducer, place.barrier);
  return {
    ...place,
    adder: reducer,
    gradient: () => reducer.input(),
    average: async (part) => (await collective.allReduce(part)).gradient,
  };
}

function modelledRank(place: Place, adder: Adder, gradient: Float32Array): VirtualRank {
  return {
    ...place,
    adder,
    gradient: () => gradient,
    async average({ step, samples, metrics, globalSamples }) {
      await adder.allReduce(samples / globalSamples);
      await place.barrier.contribute({ step, samples, metrics, gradient: null });
      return gradient;
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

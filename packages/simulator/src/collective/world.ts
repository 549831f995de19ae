import { type AllReduceName, type Compression, LockstepError } from '@lockstep/core';
import {
  type Barrier,
  type Collective,
  reducedCollective,
  starCollective,
} from '@lockstep/core/collective';
import type { Reducer } from '@lockstep/core/reducer';
import type { Endpoint } from '../network/endpoint.js';
import type { Network } from '../network/network.js';
import { lengthsOnly, realArithmetic } from './arithmetic.js';
import { Hub } from './hub.js';
import { lengthsRing, realRing } from './virtualRing.js';

export interface WorldOptions {
  readonly ranks: number;
  readonly allReduce: AllReduceName;
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
  readonly collective: Collective;
  /** Null where the coordinator adds up. */
  readonly reducer: Reducer | null;
  /** Where its gradient is put. */
  readonly gradient: () => Float32Array;
}

export interface World {
  readonly hub: Hub;
  readonly ranks: readonly VirtualRank[];
}

/** The ranks of a network, with the collectives that they have in production. */
export async function makeWorld(network: Network, options: WorldOptions): Promise<World> {
  const { ranks, length, isReal } = options;
  const arithmetic = isReal ? realArithmetic : lengthsOnly();
  const hub = new Hub(network, ranks, arithmetic);
  const reducers = await reducersOf(network, options, () => arithmetic.allocate(length));
  return {
    hub,
    ranks: Array.from({ length: ranks }, (_, rank) => {
      const barrier = hub.barrier(rank);
      const reducer = reducers?.[rank] ?? null;
      const own = arithmetic.allocate(length);
      return {
        rank,
        worldSize: ranks,
        endpoint: network.endpoints[rank]!,
        barrier,
        reducer,
        collective: reducer ? reducedCollective(reducer, barrier) : starCollective(barrier),
        gradient: () => reducer?.input() ?? own,
      };
    }),
  };
}

async function reducersOf(
  network: Network,
  { ranks, allReduce, compression, length, isReal }: WorldOptions,
  allocate: () => Float32Array,
): Promise<Reducer[] | null> {
  const endpoints = Array.from({ length: ranks }, (_, rank) => rank);
  const options = { endpoints, length, compression };
  switch (allReduce) {
    case 'star':
      return null;
    case 'ring':
      return isReal ? await realRing(network, options) : lengthsRing(network, options, allocate());
    case 'hierarchical':
    case 'shared-memory':
      throw new LockstepError('USAGE', `nobody can simulate '${allReduce}' yet`);
  }
}

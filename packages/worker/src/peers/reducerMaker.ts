import { type Compression, LockstepError } from '@lockstep/core';
import type { Header } from '@lockstep/core/protocol';
import {
  createHierarchical,
  createRing,
  createSharedMemory,
  type PeerEndpoint,
  type Reducer,
  type ReducerName,
} from '@lockstep/core/reducer';
import type { OwnPeer } from './introduction.js';

/**
 * Makes this rank's part of a reducer, together with all other ranks.
 *
 * @param channel of letters, digits and -; the same on all ranks, and another one each time
 * @param signal is given when nobody wants it any more
 */
export type ReducerMaker = (
  name: ReducerName,
  channel: string,
  deadlineMs: number,
  signal: AbortSignal,
) => Promise<Reducer>;

interface Own {
  readonly compression: Compression;
  /** Elements of what is added up. */
  readonly gradientLength: number;
  readonly peer: OwnPeer | null;
}

/** For the ranks that `assign` has introduced to each other. */
export function reducerMaker(
  { rank, worldSize, peers }: Pick<Header<'assign'>, 'rank' | 'worldSize' | 'peers'>,
  { compression, gradientLength, peer }: Own,
): ReducerMaker {
  return async (name, channel, deadlineMs, signal) => {
    const options = { rank, worldSize, length: gradientLength, compression, deadlineMs };
    switch (name) {
      case 'shared-memory':
        return createSharedMemory(options, { segment: channel, signal });
      case 'ring':
        return createRing(options, networkOf(peers, peer?.endpoint ?? null, channel));
      case 'hierarchical': {
        const network = networkOf(peers, peer?.endpoint ?? null, channel);
        const hosts = peers.map((each) => each?.host ?? '');
        return createHierarchical(options, { ...network, hosts, segment: channel, signal });
      }
    }
  };
}

function networkOf(
  peers: Header<'assign'>['peers'],
  endpoint: PeerEndpoint | null,
  channel: string,
) {
  const addresses = peers.flatMap((peer) => peer?.address ?? []);
  if (endpoint === null || addresses.length < peers.length) {
    const missing = peers.flatMap((peer, rank) => (peer?.address == null ? [rank] : []));
    throw new LockstepError(
      'WORKER_LOST',
      `no address is known of the ranks ${missing.join(', ')}`,
    );
  }
  return { endpoint, channel, addresses };
}

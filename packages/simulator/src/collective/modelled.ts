import { type Compression, LockstepError } from '@lockstep/core';
import { ringChunkLength } from '@lockstep/core/reducer';
import type { Endpoint, Host } from '../network/endpoint.js';
import type { Network } from '../network/network.js';
import type { Adder } from './adder.js';
import type { Algorithm } from './algorithm.js';
import type { Arithmetic } from './arithmetic.js';
import { halvingDoubling } from './halvingDoubling.js';
import { hierarchical } from './hierarchical.js';
import { SharedHost } from './sharedHost.js';
import { lengthsRing } from './virtualRing.js';

const bytesPerElement = (compression: Compression): number =>
  compression === 'none' ? Float32Array.BYTES_PER_ELEMENT : Uint16Array.BYTES_PER_ELEMENT;

interface Options {
  readonly ranks: number;
  readonly allReduce: Exclude<Algorithm, 'star' | 'ring'>;
  readonly compression: Compression;
  readonly length: number;
}

/** What of the algorithms is simulated by a model of what they do. Of the hierarchy, the ring is the real one. */
export function modelledAdders(
  network: Network,
  options: Options,
  arithmetic: Arithmetic,
): Adder[] {
  const { ranks, allReduce, compression, length } = options;
  if (allReduce === 'halving-doubling') {
    if (Number.isInteger(Math.log2(ranks))) {
      const each = bytesPerElement(compression);
      return halvingDoubling(network, ranks, length * each, ringChunkLength * each);
    }
    throw new LockstepError(
      'USAGE',
      `halving and doubling is for powers of two, not for ${ranks}`,
      {
        hint: 'Give --ranks 1..4096, or leave that algorithm out.',
      },
    );
  }
  const hosts = hostsOf(network, ranks);
  if (allReduce === 'shared-memory' && hosts.length > 1) {
    throw new LockstepError('USAGE', `${ranks} ranks on ${hosts.length} hosts share no memory`, {
      hint: 'Use hierarchical, or give --ranks-per-host.',
    });
  }
  const leaders = hosts.map(([first]) => first!.index);
  const ringOptions = { endpoints: leaders, length, compression };
  const ring =
    hosts.length > 1 ? lengthsRing(network, ringOptions, arithmetic.allocate(length)) : [];
  return hosts.flatMap((endpoints, host) => {
    const shared = new SharedHost(network, endpoints);
    return endpoints.map((endpoint, i) =>
      hierarchical(endpoint, shared, i === 0 ? (ring[host] ?? null) : null, length),
    );
  });
}

/** The endpoints of the ranks, by host. */
function hostsOf({ endpoints }: Network, ranks: number): Endpoint[][] {
  const byHost = new Map<Host, Endpoint[]>();
  for (const endpoint of endpoints.slice(0, ranks)) {
    const others = byHost.get(endpoint.host);
    if (others === undefined) byHost.set(endpoint.host, [endpoint]);
    else others.push(endpoint);
  }
  return [...byHost.values()];
}

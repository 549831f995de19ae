import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { zeromqTransport } from '../../transport/index.js';
import { reducerContract } from '../contract.suite.js';
import { PeerEndpoint } from '../peers/index.js';
import type { Reducer } from '../reducer.js';
import { createRing } from './ring.js';

/** A ring of endpoints that are closed with it. */
function worldOver(listen: () => Promise<PeerEndpoint>): Parameters<typeof reducerContract>[1] {
  return async ({ worldSize, length, compression, deadlineMs = 20_000 }) => {
    const endpoints = await Promise.all(Array.from({ length: worldSize }, listen));
    const addresses = endpoints.map(({ address }) => address);
    const channel = randomUUID();
    const rings = await Promise.all(
      endpoints.map((endpoint, rank) => {
        const options = { rank, worldSize, length, compression, deadlineMs };
        return createRing(options, { endpoint, channel, addresses });
      }),
    );
    return rings.map((ring, rank) => closingAlso(ring, endpoints[rank]!));
  };
}

function closingAlso(ring: Reducer, endpoint: PeerEndpoint): Reducer {
  const close = ring.close.bind(ring);
  ring.close = async () => {
    await close();
    await endpoint.close();
  };
  return ring;
}

reducerContract(
  'ring over memory',
  worldOver(() => PeerEndpoint.listen(`memory://${randomUUID()}`)),
  { maxRanks: 6 },
);
reducerContract(
  'ring over tcp',
  worldOver(() => PeerEndpoint.listen('tcp://127.0.0.1:0')),
  { maxRanks: 4, runs: 10 },
);
reducerContract(
  'ring over zeromq',
  worldOver(() => PeerEndpoint.listen('tcp://127.0.0.1:0', { transport: zeromqTransport })),
  { maxRanks: 3, runs: 5 },
);

it('waits for nobody any more once it is not wanted', async () => {
  const endpoint = await PeerEndpoint.listen(`memory://${randomUUID()}`);
  const place = { endpoint, channel: 'c', addresses: [endpoint.address, 'memory://nobody'] };
  const wanted = new AbortController();
  const anHour = 3_600_000;
  const options = {
    rank: 0,
    worldSize: 2,
    length: 4,
    compression: 'none',
    deadlineMs: anHour,
  } as const;
  const making = createRing({ ...options, signal: wanted.signal }, place);
  wanted.abort(new Error('the membership is over'));
  await expect(making).rejects.toThrow('the membership is over');
  await endpoint.close();
});

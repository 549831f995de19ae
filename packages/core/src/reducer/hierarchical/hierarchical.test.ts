import { randomUUID } from 'node:crypto';
import { reducerContract } from '../contract.suite.js';
import { PeerEndpoint } from '../peers/index.js';
import { createHierarchical } from './hierarchical.js';

/** Hosts by name only: ranks of one share memory, whatever machine that is on. */
function worldOf(
  hostOf: (rank: number) => string,
  listen: () => Promise<PeerEndpoint>,
): Parameters<typeof reducerContract>[1] {
  return async ({ worldSize, length, compression, deadlineMs = 20_000 }) => {
    const endpoints = await Promise.all(Array.from({ length: worldSize }, listen));
    const addresses = endpoints.map(({ address }) => address);
    const hosts = endpoints.map((_, rank) => hostOf(rank));
    const channel = randomUUID();
    const place = { channel, addresses, hosts, segment: `test-${channel}` };
    const reducers = await Promise.all(
      endpoints.map((endpoint, rank) => {
        const options = { rank, worldSize, length, compression, deadlineMs };
        return createHierarchical(options, { ...place, endpoint });
      }),
    );
    for (const [rank, reducer] of reducers.entries()) {
      const close = reducer.close.bind(reducer);
      reducer.close = async () => {
        await close();
        await endpoints[rank]!.close();
      };
    }
    return reducers;
  };
}

const overMemory = () => PeerEndpoint.listen(`memory://${randomUUID()}`);
const overTcp = () => PeerEndpoint.listen('tcp://127.0.0.1:0');

reducerContract(
  'hierarchical (two ranks a host)',
  worldOf((rank) => `host ${Math.floor(rank / 2)}`, overMemory),
  { maxRanks: 6, runs: 15 },
);
reducerContract(
  'hierarchical (all ranks on one host)',
  worldOf(() => 'host', overMemory),
  { maxRanks: 3, runs: 5 },
);
reducerContract(
  'hierarchical (hosts of one, three and one rank, over tcp)',
  worldOf((rank) => (rank === 0 ? 'first' : rank < 4 ? 'second' : 'third'), overTcp),
  { maxRanks: 5, runs: 8 },
);

import {
  createHierarchical,
  createRing,
  createSharedMemory,
  PeerEndpoint,
} from '@lockstep/core/reducer';
import { openStar } from './starReducer.mjs';

const deadlineMs = 120_000;

/**
 * What a rank adds up with.
 *
 * @param host where it can be reached by the others
 * @returns its `address`, `create(length, order)`, which all ranks call alike, and `close()`
 */
export async function openReducers(algorithm, { rank, ranks, host }) {
  if (algorithm === 'star') return openStar(ranks);
  const endpoint = await PeerEndpoint.listen(`tcp://${host}:0`);
  let made = 0;
  return {
    address: endpoint.address,
    async create(length, { name, addresses, hosts }) {
      made += 1;
      const options = { rank, worldSize: ranks, length, compression: 'none', deadlineMs };
      const [channel, segment] = [`${name}-${made}`, `${name}-${made}`];
      const place = { endpoint, channel, segment, addresses, hosts };
      const reducer = await makers[algorithm](options, place);
      return {
        input: () => reducer.input(),
        allReduce: () => reducer.allReduce(1 / ranks),
        close: () => reducer.close(),
      };
    },
    close: () => endpoint.close(),
  };
}

const makers = {
  'shared-memory': createSharedMemory,
  ring: createRing,
  hierarchical: createHierarchical,
};

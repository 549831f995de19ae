import { createSharedMemory } from '@lockstep/core/reducer';
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
  let made = 0;
  return {
    address: null,
    async create(length, order) {
      made += 1;
      const options = { rank, worldSize: ranks, length, compression: 'none', deadlineMs };
      const reducer = await makers[algorithm](options, { ...order, name: `${order.name}-${made}` });
      return {
        input: () => reducer.input(),
        allReduce: () => reducer.allReduce(1 / ranks),
        close: () => reducer.close(),
      };
    },
    close: async () => {},
  };
}

const makers = {
  'shared-memory': (options, { name }) => createSharedMemory(options, { segment: name }),
};

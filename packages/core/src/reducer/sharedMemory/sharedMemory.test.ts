import { randomUUID } from 'node:crypto';
import { reducerContract } from '../contract.suite.js';
import { createSharedMemory } from './sharedMemory.js';

reducerContract(
  'shared-memory',
  async ({ worldSize, length, compression, deadlineMs = 20_000 }) => {
    const segment = randomUUID();
    return await Promise.all(
      Array.from({ length: worldSize }, (_, rank) =>
        createSharedMemory({ rank, worldSize, length, compression, deadlineMs }, { segment }),
      ),
    );
  },
  { maxRanks: 5 },
);

import { PeerEndpoint, type Reducer, type ReducerName, reducerNames } from '@lockstep/core/reducer';
import { afterEach, describe, expect, it } from 'vitest';
import { reducerMaker } from './reducerMaker.js';

const length = 100;
let worlds = 0;
const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

/** Reducers as ranks make them that `assign` has introduced: each with an endpoint, on the hosts given. */
async function world(name: ReducerName, hosts: readonly string[]): Promise<Reducer[]> {
  worlds += 1;
  const channel = `test-maker-${process.pid}-${worlds}`;
  const endpoints = await Promise.all(hosts.map(() => PeerEndpoint.listen('tcp://127.0.0.1:0')));
  open.push(...endpoints);
  const peers = hosts.map((host, rank) => ({ host, address: endpoints[rank]!.address }));
  const reducers = await Promise.all(
    peers.map(({ host, address }, rank) => {
      const make = reducerMaker(
        { rank, worldSize: hosts.length, peers },
        {
          compression: 'none',
          gradientLength: length,
          peer: { host, address, endpoint: endpoints[rank]! },
        },
      );
      return make(name, channel, 5_000, new AbortController().signal);
    }),
  );
  open.push(...reducers);
  return reducers;
}

describe('ranks that were introduced to each other', () => {
  it.each(reducerNames)('add up by %s', async (name) => {
    const hosts = name === 'shared-memory' ? ['a', 'a', 'a'] : ['a', 'a', 'b'];
    const reducers = await world(name, hosts);
    for (const [rank, reducer] of reducers.entries()) reducer.input().fill(rank + 1);
    const sums = await Promise.all(reducers.map((reducer) => reducer.allReduce(0.5)));
    for (const sum of sums) expect(Array.from(sum)).toEqual(Array(length).fill(3));
    expect(reducers.map((reducer) => reducer.name)).toEqual(Array(3).fill(name));
  });
});

it.each(['ring', 'hierarchical'] as const)('%s says whose address it lacks', async (name) => {
  const endpoint = await PeerEndpoint.listen('tcp://127.0.0.1:0');
  open.push(endpoint);
  const peers = [{ host: 'a', address: endpoint.address }, null, { host: 'b', address: null }];
  const peer = { host: 'a', address: endpoint.address, endpoint };
  const own = { compression: 'none', gradientLength: length, peer } as const;
  await expect(
    reducerMaker({ rank: 0, worldSize: 3, peers }, own)(
      name,
      'c',
      1_000,
      new AbortController().signal,
    ),
  ).rejects.toMatchObject({
    code: 'WORKER_LOST',
    message: 'no address is known of the ranks 1, 2',
  });
});

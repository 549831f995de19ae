import type { PeerEndpoint } from '@lockstep/core/reducer';
import { afterEach, expect, it } from 'vitest';
import { hostIdentity } from './hostIdentity.js';
import { openPeer } from './introduction.js';

const opened: PeerEndpoint[] = [];
afterEach(() => Promise.all(opened.splice(0).map((endpoint) => endpoint.close())));

async function open(coordinator: string, address: string | null) {
  const own = await openPeer({ coordinator, address });
  opened.push(own.endpoint!);
  return own;
}

it('is found on the loopback by a cluster on one machine', async () => {
  const own = await open('tcp://127.0.0.1:5555', null);
  expect(own.host).toBe(hostIdentity());
  expect(own.address).toMatch(/^tcp:\/\/127\.0\.0\.1:[1-9]\d*$/);
  expect(own.endpoint?.address).toBe(own.address);
});

it('is found where its user says, at any port', async () => {
  const own = await open('tcp://127.0.0.1:5555', 'tcp://worker-7.example:0');
  const port = /:([1-9]\d*)$/.exec(own.endpoint!.address)![1];
  expect(own.address).toBe(`tcp://worker-7.example:${port}`);
});

it('is found where its user says, at that port, and says when it is taken', async () => {
  const first = await open('tcp://127.0.0.1:5555', 'tcp://[::1]:0');
  expect(first.address).toMatch(/^tcp:\/\/\[::1\]:\d+$/);
  const taken = openPeer({ coordinator: 'tcp://127.0.0.1:5555', address: first.address });
  await expect(taken).rejects.toMatchObject({ code: 'PORT_IN_USE' });
});

it('needs no network in one process', async () => {
  expect(await openPeer(null)).toEqual({ host: hostIdentity(), endpoint: null, address: null });
});

import { networkInterfaces } from 'node:os';
import { expect, it } from 'vitest';
import { localAddressTowards } from './localAddress.js';

it('is the loopback towards the loopback, of either family', async () => {
  expect(await localAddressTowards('127.0.0.1', 5555)).toBe('127.0.0.1');
  expect(['127.0.0.1', '::1']).toContain(await localAddressTowards('localhost', 5555));
});

const own = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .filter(({ internal, family }) => !internal && family === 'IPv4');

it.skipIf(own.length === 0)("is one of this machine's towards itself", async () => {
  const [{ address }] = own as [(typeof own)[number]];
  const local = await localAddressTowards(address, 5555);
  expect([address, '127.0.0.1']).toContain(local);
});

it('says when there is no way', async () => {
  await expect(localAddressTowards('no-such-host.invalid', 5555)).rejects.toMatchObject({
    code: 'COORDINATOR_UNREACHABLE',
    message: expect.stringContaining('no way to no-such-host.invalid'),
  });
});

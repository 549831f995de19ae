import { once } from 'node:events';
import { connect as connectSocket, createServer, type Server, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { Dealer } from 'zeromq';
import { parseTcpAddress } from './address.js';
import { describeTransport } from './contract.suite.js';
import type { TransportOptions } from './transport.js';
import { listenError, zeromqTransport } from './zeromq.js';

const anyPort = 'tcp://127.0.0.1:0';
const options = { heartbeatTimeoutMs: 2_000, lingerMs: 200 };
/** For waits that end as soon as they can: how often to look, and when a busy machine is no excuse. */
const patience = { interval: 5, timeout: 10_000 };

describeTransport({ transport: zeromqTransport, freshAddress: () => anyPort });

/** A listener, and the messages it gets as text, with the id of the peer each came from. */
async function listen(address = anyPort, more: Partial<TransportOptions> = {}) {
  const listener = await zeromqTransport.listen(address, { ...options, ...more });
  onTestFinished(() => listener.close());
  const received: Array<{ peer: string; text: string }> = [];
  void (async () => {
    for await (const { peer, frames } of listener.receive()) {
      received.push({ peer, text: Buffer.concat(frames).toString('latin1') });
    }
  })();
  const waitFor = (text: string) =>
    vi.waitFor(() => {
      const message = received.find((candidate) => candidate.text === text);
      if (message === undefined) throw new Error(`${text} has not arrived`);
      return message;
    }, patience);
  return { listener, received, waitFor };
}

async function connect(address: string) {
  const link = await zeromqTransport.connect(address, options);
  onTestFinished(() => link.close());
  return link;
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not a TCP server');
  return address.port;
}

/** Says bytes to the port as any program may, and waits a moment for what comes of it. */
async function sayBytes(address: string, bytes: Uint8Array) {
  const { host, port } = parseTcpAddress(address, 'connect');
  const socket = connectSocket({ host, port });
  // The listener may hang up at any time: that is its right.
  socket.on('error', () => {});
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  await new Promise((resolve) => socket.write(bytes, resolve));
  return socket;
}

describe('a ZeroMQ listener', () => {
  it.each([
    ['tcp://127.0.0.1:0', /^tcp:\/\/127\.0\.0\.1:[1-9]\d*$/],
    ['tcp://localhost:0', /^tcp:\/\/127\.0\.0\.1:[1-9]\d*$/],
    ['tcp://*:0', /^tcp:\/\/0\.0\.0\.0:[1-9]\d*$/],
  ])('at %s says where it really listens', async (address, really) => {
    const { listener, waitFor } = await listen(address);
    expect(listener.address).toMatch(really);
    const link = await connect(listener.address.replace('0.0.0.0', '127.0.0.1'));
    await link.send([Buffer.from('found you')]);
    await waitFor('found you');
  });

  it('gets nothing of a link that was given up before it was reached', async () => {
    const before = await zeromqTransport.listen(anyPort);
    const { address } = before;
    await before.close();
    const link = await zeromqTransport.connect(address, { ...options, lingerMs: 5_000 });
    await link.send([Buffer.from('hello')]);
    const closing = link.close(0);
    const { received, waitFor } = await listen(address);
    await closing;
    const other = await connect(address);
    await other.send([Buffer.from('found you')]);
    await waitFor('found you');
    expect(received.map(({ text }) => text)).toEqual(['found you']);
  });

  it('listens on IPv6', async ({ skip }) => {
    const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
    skip(!addresses.some(({ address }) => address === '::1'), 'this machine has no IPv6');
    const { listener, waitFor } = await listen('tcp://[::1]:0');
    expect(listener.address).toMatch(/^tcp:\/\/\[::1\]:[1-9]\d*$/);
    const link = await connect(listener.address);
    await link.send([Buffer.from('found you')]);
    await waitFor('found you');
  });

  it('refuses a port that another program has', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const address = `tcp://127.0.0.1:${portOf(server)}`;
    await expect(zeromqTransport.listen(address)).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      message: `cannot listen on ${address}: another program listens there`,
      hint: expect.stringContaining('port 0'),
    });
  });

  it.each(['curve', { curve: {} }, undefined])(
    'refuses a security that is not there: %j',
    async (security) => {
      for (const open of [zeromqTransport.listen, zeromqTransport.connect]) {
        await expect(
          open('tcp://127.0.0.1:1', { security } as unknown as Partial<TransportOptions>),
        ).rejects.toMatchObject({
          code: 'USAGE',
          message: expect.stringContaining('neither encrypted nor authenticated'),
          hint: expect.stringContaining('networks that you trust'),
        });
      }
    },
  );

  it('refuses an address of another machine', async () => {
    await expect(zeromqTransport.listen('tcp://192.0.2.1:0')).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      message: expect.stringContaining('tcp://192.0.2.1:0'),
      hint: expect.stringContaining('127.0.0.1'),
    });
  });

  it('says what a forbidden port and an unknown name mean, and passes on the rest', () => {
    const failure = (code: string) => Object.assign(new Error('the system said no'), { code });
    expect(listenError('tcp://*:80', failure('EACCES'))).toMatchObject({
      code: 'PORT_IN_USE',
      hint: expect.stringContaining('1023'),
    });
    expect(listenError('tcp://nowhere:80', failure('ENODEV'))).toMatchObject({
      code: 'PORT_IN_USE',
      message: 'cannot listen on tcp://nowhere:80: no address of this machine has that name',
    });
    expect(listenError('tcp://*:80', failure('EMFILE'))).toMatchObject({ code: 'INTERNAL' });
  });

  const noise = Uint8Array.from({ length: 4_096 }, (_, index) => (index * 2_654_435_761) >>> 24);
  const greeting = Buffer.from(`ff00000000000000017f0301${'4e554c4c'.padEnd(40, '0')}00`, 'hex');
  it.each([
    ['noise', noise],
    ['an HTTP request', Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')],
    ['a TLS greeting', Buffer.from('16030100f1010000ed0303', 'hex')],
    ['a ZeroMQ greeting, then noise', Buffer.concat([greeting.subarray(0, 64), noise])],
    ['half a ZeroMQ greeting', greeting.subarray(0, 11)],
  ])('serves its peers while a stranger says %s', async (_, bytes) => {
    const { listener, waitFor } = await listen();
    const link = await connect(listener.address);
    const answers = link.receive()[Symbol.asyncIterator]();
    await link.send([Buffer.from('before')]);
    await waitFor('before');

    const stranger = await sayBytes(listener.address, bytes);
    await link.send([Buffer.from('during')]);
    const { peer } = await waitFor('during');
    stranger.destroy();
    await link.send([Buffer.from('after')]);
    await waitFor('after');
    await listener.send(peer, [Buffer.from('answer')]);
    expect(String((await answers.next()).value)).toBe('answer');
  });

  it('gives a stranger with an odd identity an id that is plain text', async () => {
    const { listener, waitFor } = await listen();
    const stranger = new Dealer({ routingId: '\u001b[31mé\n', linger: 0 });
    onTestFinished(() => stranger.close());
    stranger.connect(listener.address);
    await stranger.send('hello');
    const { peer } = await waitFor('hello');
    expect(peer).toBe('1b5b33316dc3a90a');
    await listener.send(peer, [Buffer.from('answer')]);
    expect(String(await stranger.receive())).toBe('answer');
  });

  it('drops the peer that sends too large a frame, and only that one', async () => {
    const { listener, received, waitFor } = await listen(anyPort, { maxMessageBytes: 1_000 });
    const good = await connect(listener.address);
    const greedy = await connect(listener.address);
    await greedy.send([Buffer.from('greedy')]);
    await good.send([Buffer.from('good')]);
    await waitFor('greedy');
    await waitFor('good');

    await greedy.send([Buffer.from('too large'), new Uint8Array(1_001)]);
    await good.send([Buffer.from('still good'), new Uint8Array(0)]);
    await waitFor('still good');
    // ZeroMQ connects the greedy one again; what it sends until it has noticed is lost.
    await vi.waitFor(async () => {
      await greedy.send([Buffer.from('sorry')]);
      expect(received.map(({ text }) => text)).toContain('sorry');
    }, patience);
    expect(received.filter(({ text }) => text.startsWith('too large'))).toEqual([]);
  });
});

describe('a ZeroMQ link', () => {
  it('fails once what it was sent cannot be read', async () => {
    const { listener, waitFor } = await listen();
    const link = await zeromqTransport.connect(listener.address, {
      ...options,
      maxMessageBytes: 1_000,
    });
    onTestFinished(() => link.close());
    await link.send([Buffer.from('hello')]);
    const { peer } = await waitFor('hello');
    await listener.send(peer, [new Uint8Array(1_001)]);
    await vi.waitFor(
      () =>
        expect(link.send([Buffer.from('again')])).rejects.toMatchObject({
          code: 'COORDINATOR_UNREACHABLE',
          message: expect.stringContaining(listener.address),
        }),
      patience,
    );
  });

  it('is known again when it comes back before its old connection has timed out', async () => {
    const { listener, waitFor } = await listen();
    const { port } = parseTcpAddress(listener.address, 'connect');
    // A network that loses the worker's half of a connection and leaves the coordinator's half open.
    const nearEnds: Socket[] = [];
    const farEnds: Socket[] = [];
    const network = createServer((near) => {
      const far = connectSocket({ host: '127.0.0.1', port });
      near.on('data', (bytes) => far.write(bytes));
      far.on('data', (bytes) => near.destroyed || near.write(bytes));
      for (const end of [near, far]) end.on('error', () => {});
      nearEnds.push(near);
      farEnds.push(far);
    }).listen(0, '127.0.0.1');
    onTestFinished(() => {
      for (const end of [...nearEnds, ...farEnds]) end.destroy();
      network.close();
    });
    await once(network, 'listening');

    const link = await connect(`tcp://127.0.0.1:${portOf(network)}`);
    await link.send([Buffer.from('hello')]);
    const { peer } = await waitFor('hello');
    nearEnds[0]?.destroy();
    await vi.waitFor(() => expect(nearEnds).toHaveLength(2), patience);
    expect(farEnds[0]?.destroyed).toBe(false);

    await link.send([Buffer.from('back again')]);
    expect((await waitFor('back again')).peer).toBe(peer);
    await listener.send(peer, [Buffer.from('welcome back')]);
    const { value } = await link.receive()[Symbol.asyncIterator]().next();
    expect(String(value)).toBe('welcome back');
  });
});

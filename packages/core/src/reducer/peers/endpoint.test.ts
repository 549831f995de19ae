import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectSocket, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { parseTcpAddress, zeromqTransport } from '../../transport/index.js';
import { PeerEndpoint } from './endpoint.js';
import { encodeHeader, type FrameHeader, frame, frameKinds } from './frameHeader.js';
import type { FrameSink } from './wire.js';

const patience = { interval: 5, timeout: 10_000 };
const never = new AbortController().signal;

/** Keeps what comes. */
class Keeper implements FrameSink {
  readonly kept: { header: FrameHeader; payload: Uint8Array | null }[] = [];
  isLost = false;

  place({ bytes }: FrameHeader): Uint8Array {
    return new Uint8Array(bytes);
  }

  received(header: FrameHeader, payload: Uint8Array | null): void {
    this.kept.push({ header, payload });
  }

  lost(): void {
    this.isLost = true;
  }

  async next() {
    await vi.waitFor(() => expect(this.kept).not.toHaveLength(0), patience);
    return this.kept.shift()!;
  }
}

const listeners = {
  memory: () => PeerEndpoint.listen(`memory://${randomUUID()}`),
  tcp: () => PeerEndpoint.listen('tcp://127.0.0.1:0'),
  zeromq: () => PeerEndpoint.listen('tcp://127.0.0.1:0', { transport: zeromqTransport }),
};

/** Ranks 0, which listens, and 1, which goes there. */
async function endpoints(listen: () => Promise<PeerEndpoint>) {
  const [host, guest] = await Promise.all([listen(), listen()]);
  onTestFinished(async () => {
    await Promise.all([host.close(), guest.close()]);
  });
  return { host, guest };
}

async function meet(listen: () => Promise<PeerEndpoint>) {
  const { host, guest } = await endpoints(listen);
  const meeting = { channel: randomUUID(), from: 1, to: 0 };
  const [atHost, atGuest] = [new Keeper(), new Keeper()];
  const [there, here] = await Promise.all([
    host.accept(meeting, atHost, never),
    guest.connect(host.address, meeting, atGuest, never),
  ]);
  onTestFinished(async () => {
    await Promise.all([there?.close(), here?.close()]);
  });
  return { host, guest, meeting, there: there!, here: here!, atHost, atGuest };
}

describe.each(Object.entries(listeners))('endpoints over %s', (name, listen) => {
  it('carry frames both ways, in order, from nothing to megabytes', async () => {
    const { there, here, atHost, atGuest } = await meet(listen);
    const sizes = [0, 1, 27, 28, 29, 70_000, 3_000_001, 0, 5];
    for (const [operation, bytes] of sizes.entries()) {
      const payload = new Uint8Array(bytes).fill(operation + 1);
      there.send(frame(frameKinds.gather, { operation, bytes }), payload);
    }
    here.send(frame(frameKinds.received, { operation: 7 }));
    for (const [operation, bytes] of sizes.entries()) {
      const { header, payload } = await atGuest.next();
      expect(header).toEqual(frame(frameKinds.gather, { operation, bytes }));
      expect(payload?.length ?? 0).toBe(bytes);
      expect(payload?.every((byte) => byte === operation + 1) ?? true).toBe(true);
    }
    expect((await atHost.next()).header).toEqual(frame(frameKinds.received, { operation: 7 }));
  });

  it('let in a rank that is waited for later', async () => {
    const { host, guest } = await endpoints(listen);
    const meeting = { channel: randomUUID(), from: 1, to: 0 };
    const going = guest.connect(host.address, meeting, new Keeper(), never);
    await new Promise((resolve) => setTimeout(resolve, 120));
    expect(await host.accept(meeting, new Keeper(), never)).not.toBeNull();
    expect(await going).not.toBeNull();
  });

  it('find one that listens later', async ({ skip }) => {
    skip(name !== 'memory', 'elsewhere the address is known by listening only');
    const address = `memory://${randomUUID()}`;
    const { guest } = await endpoints(listen);
    const meeting = { channel: randomUUID(), from: 1, to: 0 };
    const going = guest.connect(address, meeting, new Keeper(), never);
    const host = await PeerEndpoint.listen(address);
    onTestFinished(() => host.close());
    expect(await host.accept(meeting, new Keeper(), never)).not.toBeNull();
    expect(await going).not.toBeNull();
  });

  it('let in nobody who does not know the channel, nor another rank than is waited for', async () => {
    const { host, guest } = await endpoints(listen);
    const meeting = { channel: randomUUID(), from: 1, to: 0 };
    const end = new AbortController();
    const waiting = host.accept(meeting, new Keeper(), end.signal);
    const tries = [
      { ...meeting, channel: `${meeting.channel}x` },
      { ...meeting, channel: meeting.channel.slice(1) },
      { ...meeting, from: 2 },
      { ...meeting, to: 1 },
    ].map((other) => guest.connect(host.address, other, new Keeper(), end.signal));
    await new Promise((resolve) => setTimeout(resolve, 150));
    end.abort();
    expect(await Promise.all([waiting, ...tries])).toEqual([null, null, null, null, null]);
  });

  it('let a rank in once', async () => {
    const { host, guest, meeting } = await meet(listen);
    const end = new AbortController();
    const again = guest.connect(host.address, meeting, new Keeper(), end.signal);
    await new Promise((resolve) => setTimeout(resolve, 120));
    end.abort();
    expect(await again).toBeNull();
    void host.accept(meeting, new Keeper(), end.signal);
    const other = new AbortController();
    const first = host.accept({ ...meeting, from: 5 }, new Keeper(), other.signal);
    expect(() => host.accept({ ...meeting, from: 5 }, new Keeper(), never)).toThrow(/twice/);
    other.abort();
    expect(await first).toBeNull();
  });

  it('deliver what was sent before they closed', async () => {
    const { there, here, atGuest } = await meet(listen);
    // Unread words on the other way must not cut this one short.
    here.send(frame(frameKinds.received));
    for (let operation = 0; operation < 5; operation++) {
      const payload = new Uint8Array(2_000_000).fill(operation);
      there.send(frame(frameKinds.gather, { operation, bytes: payload.length }), payload);
    }
    const closing = there.close();
    for (let operation = 0; operation < 5; operation++) {
      const { header, payload } = await atGuest.next();
      expect([header.operation, payload?.at(-1)]).toEqual([operation, operation]);
    }
    await closing;
    there.send(frame(frameKinds.gather));
    await there.close();
  });
});

it('says that a connection was lost, at both ends', async () => {
  const { here, atHost, atGuest } = await meet(listeners.tcp);
  await here.close();
  await vi.waitFor(() => {
    expect(atHost.isLost).toBe(true);
    expect(atGuest.isLost).toBe(true);
  }, patience);
});

it('refuses a port that another program has', async () => {
  const endpoint = await listeners.tcp();
  onTestFinished(() => endpoint.close());
  await expect(PeerEndpoint.listen(endpoint.address)).rejects.toMatchObject({
    code: 'PORT_IN_USE',
    message: expect.stringContaining(endpoint.address),
  });
});

it('listens on all interfaces, at an address that says so', async () => {
  const endpoint = await PeerEndpoint.listen('tcp://*:0');
  onTestFinished(() => endpoint.close());
  expect(endpoint.address).toMatch(/^tcp:\/\/0\.0\.0\.0:[1-9]\d*$/);
});

describe('what strangers say to the port', () => {
  const hello = (fields: Partial<FrameHeader>) =>
    encodeHeader(frame(frameKinds.hello, { slice: 1, chunk: 0, ...fields }));
  const noise = Uint8Array.from({ length: 4_096 }, (_, index) => (index * 2_654_435_761) >>> 24);

  it.each([
    ['noise', noise],
    ['an HTTP request', Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')],
    ['a hello of four gigabytes', hello({ bytes: 0xffff_ffff })],
    ['a hello without a channel', hello({ bytes: 0 })],
    ['a hello with a channel of noise', Buffer.concat([hello({ bytes: 300 }), noise])],
    ['a chunk', encodeHeader(frame(frameKinds.reduce, { bytes: 4 }))],
    ['half a header', hello({ bytes: 30 }).subarray(0, 11)],
  ])('%s is dropped, and disturbs nobody', async (_, bytes) => {
    const { host, there, atGuest, atHost } = await meet(listeners.tcp);
    const stranger = await say(host.address, bytes);
    there.send(frame(frameKinds.gather, { operation: 3 }));
    expect((await atGuest.next()).header.operation).toBe(3);
    if (bytes.length >= 28) await vi.waitFor(() => expect(stranger.closed).toBe(true), patience);
    expect(atHost.kept).toEqual([]);
    expect(atHost.isLost).toBe(false);
  });

  /** Says bytes to the port as any program may. */
  async function say(address: string, bytes: Uint8Array): Promise<Socket> {
    const { host, port } = parseTcpAddress(address, 'connect');
    const socket = connectSocket({ host, port });
    // The endpoint may hang up at any time: that is its right.
    socket.on('error', () => {});
    socket.resume();
    onTestFinished(() => void socket.destroy());
    await once(socket, 'connect');
    await new Promise((resolve) => socket.write(bytes, resolve));
    return socket;
  }
});

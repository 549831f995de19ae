import { encode } from '@lockstep/core/protocol';
import { type Frames, type Listener, zeromqTransport } from '@lockstep/core/transport';
import { expect, it, onTestFinished } from 'vitest';
import { arriving, cut, duplicate, flip, hold, passed, reorder, truncate } from './faults.js';
import { FaultProxy } from './proxy.js';

const scope = { run: 'r', generation: 1 };
const state = (request: number, iterations = 7) =>
  encode(
    { kind: 'state', ...scope, request, iterations },
    { weights: Float32Array.of(1, 2, 3, 4) },
  );
const hash = (request: number) =>
  encode({ kind: 'hash', ...scope, request, weightsSha256: 'a'.repeat(64) });

/** The two ends of ZeroMQ, with a proxy between them. */
async function connect(heartbeatTimeoutMs = 5_000) {
  const options = { heartbeatTimeoutMs, lingerMs: 200 };
  const listener = await zeromqTransport.listen('tcp://127.0.0.1:0', options);
  const proxy = await FaultProxy.start(listener.address);
  const link = await zeromqTransport.connect(proxy.address, options);
  onTestFinished(async () => {
    await link.close();
    await listener.close();
    await proxy.close();
  });
  const inbox = listener.receive()[Symbol.asyncIterator]();
  const next = async () => (await inbox.next()).value as { peer: string; frames: Frames };
  const read = async () => Buffer.concat((await next()).frames).toString('hex');
  return { proxy, link, listener: listener as Listener, next, read };
}

const hexOf = (frames: Frames): string => Buffer.concat(frames).toString('hex');

it('passes on what both say, and knows who they are', async () => {
  const { proxy, link, listener, next, read } = await connect();
  const seen: string[] = [];
  proxy.watch(({ from, header, peer }) => seen.push(`${from} ${header.kind} ${peer.rank}`));
  const { peer } = await (async () => {
    await link.send(hash(1));
    return next();
  })();
  const assign = encode({
    kind: 'assign',
    ...scope,
    rank: 3,
    worldSize: 4,
    peers: [],
    channel: 'c',
  });
  await listener.send(peer, assign);
  const { value } = await link.receive()[Symbol.asyncIterator]().next();
  expect(hexOf(value as Frames)).toBe(hexOf(assign));
  await link.send(state(2));
  expect(await read()).toBe(hexOf(state(2)));
  expect(seen).toEqual(['worker hash -1', 'coordinator assign 3', 'worker state 3']);
});

it('does something at the message that is meant, before or after it has passed', async () => {
  const { proxy, link, read } = await connect();
  const done: string[] = [];
  const second = proxy.at(
    {
      from: 'worker',
      kind: 'hash',
      where: ({ header }) => 'request' in header && header.request > 1,
    },
    passed(() => done.push('after')),
  );
  const third = proxy.at(
    { from: 'worker', kind: 'state', nth: 2 },
    arriving(() => done.push('before')),
  );
  for (const message of [state(1), hash(2), state(3)]) await link.send(message);
  expect((await second).header).toMatchObject({ request: 2 });
  expect((await third).header).toMatchObject({ request: 3 });
  expect([await read(), await read()]).toEqual([state(1), hash(2)].map(hexOf));
  expect(done).toEqual(['after', 'before']);
});

it('holds a message and those behind it, and keeps the connection alive', async () => {
  const heartbeatMs = 1_000;
  const { proxy, link, listener, next, read } = await connect(heartbeatMs);
  await link.send(hash(1));
  const { peer } = await next();
  let release: (() => void) | undefined;
  const until = new Promise<void>((resolve) => {
    release = resolve;
  });
  const held = proxy.at({ from: 'worker', kind: 'state' }, hold(until));
  await link.send(state(2));
  await link.send(hash(3));
  // Whoever is dead for so long would be gone.
  await new Promise((resolve) => setTimeout(resolve, 1.5 * heartbeatMs));
  await listener.send(peer, hash(4));
  release?.();
  await held;
  expect([await read(), await read()]).toEqual([state(2), hash(3)].map(hexOf));
});

it('turns one bit over, and only that', async () => {
  const { proxy, link, next } = await connect();
  for (const [where, frame] of [
    ['header', 0],
    ['tensor', 1],
  ] as const) {
    const damaged = proxy.at({ from: 'worker', kind: 'state' }, flip(where, 0.3));
    await link.send(state(1));
    const { frames } = await next();
    await damaged;
    const differing = state(1).map((sent, i) =>
      sent.reduce((sum, byte, at) => sum + bitsOf(byte ^ frames[i]![at]!), 0),
    );
    expect(differing.indexOf(1)).toBe(frame);
    expect(differing.reduce((sum, bits) => sum + bits, 0)).toBe(1);
  }
});

const bitsOf = (byte: number): number => byte.toString(2).replaceAll('0', '').length;

it('sends a message twice, or after the one behind it', async () => {
  const { proxy, link, read } = await connect();
  void proxy.at({ from: 'worker', kind: 'state' }, duplicate);
  void proxy.at({ from: 'worker', kind: 'hash' }, reorder);
  for (const message of [state(1), hash(2), state(3)]) await link.send(message);
  const arrived = [await read(), await read(), await read(), await read()];
  expect(arrived).toEqual([state(1), state(1), state(3), hash(2)].map(hexOf));
});

it.each([
  ['cuts the connection', cut],
  ['cuts it in the middle of a frame', truncate],
])('%s, which ZeroMQ makes again', async (_what, fault) => {
  const { proxy, link, next } = await connect();
  await link.send(hash(1));
  const { peer } = await next();
  const lost = proxy.at({ from: 'worker', kind: 'state' }, fault);
  await link.send(state(2));
  await lost;
  // What is said before ZeroMQ has noticed is lost, too.
  const saying = setInterval(() => void link.send(hash(3)), 20);
  const again = await next().finally(() => clearInterval(saying));
  expect(again.peer).toBe(peer);
  expect(hexOf(again.frames)).toBe(hexOf(hash(3)));
});

import { expect, it } from 'vitest';
import { describeTransport } from './contract.suite.js';
import { memoryTransport } from './memory.js';

let names = 0;
const freshAddress = () => {
  names += 1;
  return `memory://test-${names}`;
};

describeTransport({
  transport: memoryTransport,
  freshAddress,
  needsListenerFirst: 'in one process the listener is always there first',
});

it('refuses a link to a name that nobody listens on', async () => {
  await expect(memoryTransport.connect('memory://nobody')).rejects.toMatchObject({
    code: 'COORDINATOR_UNREACHABLE',
  });
});

it('hands frames over as they are', async () => {
  const listener = await memoryTransport.listen(freshAddress());
  const link = await memoryTransport.connect(listener.address);
  const frames = [new Uint8Array(3), new Uint8Array(0)];
  await link.send(frames);
  const { value } = await listener.receive()[Symbol.asyncIterator]().next();
  expect(value.frames).toBe(frames);
  await listener.close();
});

it('returns from send before the receiver sees the message', async () => {
  const listener = await memoryTransport.listen(freshAddress());
  const link = await memoryTransport.connect(listener.address);
  const seen: string[] = [];
  const receiving = (async () => {
    for await (const _ of listener.receive()) seen.push('received');
  })();
  await Promise.resolve();
  const sending = link.send([new Uint8Array(1)]);
  seen.push('sent');
  await sending;
  await new Promise(setImmediate);
  await listener.close();
  await receiving;
  expect(seen).toEqual(['sent', 'received']);
});

it('ends what the links receive when the listener closes, after what was sent before', async () => {
  const listener = await memoryTransport.listen(freshAddress());
  const link = await memoryTransport.connect(listener.address);
  await link.send([Buffer.from('hello')]);
  const { value } = await listener.receive()[Symbol.asyncIterator]().next();
  await listener.send(value.peer, [Buffer.from('goodbye')]);
  await listener.close();

  const received = [];
  for await (const [frame] of link.receive()) received.push(String(frame));
  expect(received).toEqual(['goodbye']);
  await expect(link.send([Buffer.from('late')])).rejects.toMatchObject({
    code: 'COORDINATOR_UNREACHABLE',
  });
});

it('lets timers have their turn while two ends answer each other without a pause', async () => {
  const listener = await memoryTransport.listen('memory://busy');
  const link = await memoryTransport.connect('memory://busy');
  let ticked = false;
  setTimeout(() => {
    ticked = true;
  }, 5);
  const echo = (async () => {
    for await (const { peer, frames } of listener.receive()) await listener.send(peer, frames);
  })();
  await link.send([Uint8Array.of(1)]);
  let rounds = 0;
  for await (const frames of link.receive()) {
    rounds += 1;
    if (ticked || rounds === 1_000_000) break;
    await link.send(frames);
  }
  expect(ticked).toBe(true);
  await link.close();
  await listener.close();
  await echo;
});

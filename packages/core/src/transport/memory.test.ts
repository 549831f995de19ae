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

import { Random } from '@lockstep/core/data';
import { PeerUnreachable } from '@lockstep/core/transport';
import { afterAll, expect, it } from 'vitest';
import { describeTransport } from '../../../../core/src/transport/contract.suite.js';
import { plainScenario } from '../scenario/example.suite.js';
import { SimulatedProcess } from '../world/process.js';
import { World } from '../world/world.js';
import { SimulatedNetwork } from './network.js';
import { simulatedTransport } from './transport.js';

const { network: conditions } = plainScenario();

function networkOf(seed: number) {
  const random = Random.from('test', seed);
  const world = new World(random);
  return { world, network: new SimulatedNetwork(world, conditions, random) };
}

/** Its time goes on by itself as long as there is something to happen. */
function running() {
  const { world, network } = networkOf(1);
  let isOver = false;
  const turn = async (): Promise<void> => {
    await world.run(() => isOver);
    if (!isOver) setImmediate(turn);
  };
  setImmediate(turn);
  afterAll(() => {
    isOver = true;
  });
  return simulatedTransport(network, new SimulatedProcess('test', '127.0.0.1'), 'zeromq');
}

describeTransport({ transport: running(), freshAddress: () => 'tcp://127.0.0.1:0' });

/** A link and a listener on two hosts, which have greeted each other. */
async function pair() {
  const { world, network } = networkOf(2);
  const above = new SimulatedProcess('above', 'control');
  const below = new SimulatedProcess('below', 'worker-0');
  const listener = await simulatedTransport(network, above, 'zeromq').listen('tcp://control:1');
  const link = await simulatedTransport(network, below, 'zeromq').connect('tcp://control:1');
  const heard: string[] = [];
  let peer = '';
  void (async () => {
    for await (const message of listener.receive()) {
      peer = message.peer;
      heard.push(Buffer.concat(message.frames).toString());
    }
  })();
  const say = (text: string) => link.send([Buffer.from(text)]);
  const pass = async (milliseconds: number) => {
    const end = world.now + milliseconds;
    world.at(end, null, () => undefined);
    await world.run(() => world.now >= end);
    // The mailbox has turns of the real event loop here.
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  };
  await say('hello');
  await pass(100);
  expect(heard).toEqual(['hello']);
  return { network, listener, link, above, below, heard, say, pass, peer: () => peer };
}

it('holds messages back while a way is blocked for less than a heartbeat', async () => {
  const { network, heard, say, pass } = await pair();
  network.block('worker-0', 'control');
  await say('one');
  await say('two');
  await pass(conditions.heartbeatTimeoutMs / 2);
  expect(heard).toEqual(['hello']);
  network.unblock('worker-0', 'control');
  await pass(100);
  expect(heard).toEqual(['hello', 'one', 'two']);
});

it('ends a connection over which nothing comes for a heartbeat, and makes it again as the same peer', async () => {
  const { network, listener, heard, say, pass, peer } = await pair();
  const before = peer();
  network.block('worker-0', 'control');
  await say('lost');
  await pass(conditions.heartbeatTimeoutMs + 100);
  await expect(listener.send(before, [Buffer.from('?')])).rejects.toThrow(PeerUnreachable);
  await say('kept');
  network.unblock('worker-0', 'control');
  await pass(5_000);
  expect(heard).toEqual(['hello', 'kept']);
  expect(peer()).toBe(before);
  await listener.send(before, [Buffer.from('!')]);
});

it('loses what is under way when a connection is cut', async () => {
  const { network, heard, say, pass, below } = await pair();
  await say('lost');
  network.cut(below);
  await pass(1_000);
  await say('after');
  await pass(1_000);
  expect(heard).toEqual(['hello', 'after']);
});

it('tells of the end of a process soon, and of the end of its machine after a heartbeat', async () => {
  for (const isSilent of [false, true]) {
    const { network, listener, below, pass, peer } = await pair();
    network.lose(below, isSilent);
    below.end();
    await pass(conditions.heartbeatTimeoutMs / 2);
    const sending = listener.send(peer(), [Buffer.from('?')]);
    if (isSilent) await sending;
    else await expect(sending).rejects.toThrow(PeerUnreachable);
    await pass(conditions.heartbeatTimeoutMs);
    await expect(listener.send(peer(), [Buffer.from('?')])).rejects.toThrow(PeerUnreachable);
  }
});

it('keeps for a stopped process what arrives meanwhile', async () => {
  const { network, heard, above, say, pass } = await pair();
  network.pause(above, 1_000);
  await say('later');
  await pass(500);
  expect(heard).toEqual(['hello']);
  await pass(1_000);
  expect(heard).toEqual(['hello', 'later']);
});

import { decode, encode, type Header } from '@lockstep/core/protocol';
import type { Link } from '@lockstep/core/transport';
import { describe, expect, it, onTestFinished } from 'vitest';
import { hello } from '../machine/rehearsal.suite.js';
import type { Settings } from '../machine/state.js';
import { Cluster } from './cluster.suite.js';

async function start(change: Partial<Settings> = {}): Promise<Cluster> {
  const cluster = await Cluster.start(change);
  onTestFinished(async () => void (await cluster.stop()));
  return cluster;
}

/** Kinds of what a stranger is told, as it comes. */
function listen(link: Link): Header[] {
  const heard: Header[] = [];
  void (async () => {
    for await (const frames of link.receive()) heard.push(decode(frames, 'coordinator').header);
  })();
  return heard;
}

const refusals = ({ news }: Cluster) => news.filter((each) => each.news === 'refused');

describe('what a stranger says to a coordinator', () => {
  it('is answered once, and the worker that is meant trains on', async () => {
    const cluster = await start();
    const link = await cluster.connect();
    const heard = listen(link);
    const puppet = await cluster.puppet();
    await puppet.trained(10);
    for (let i = 0; i < 500; i++) await link.send([Buffer.from('garbage')]);
    for (let i = 0; i < 500; i++) await link.send(encode(hello()));
    await puppet.trained(puppet.steps + 10);
    expect(heard).toMatchObject([{ kind: 'refuse', code: 'PROTOCOL_VIOLATION' }]);
    expect(refusals(cluster)).toHaveLength(1);
  });

  it.each([10, 100_000])(
    'is answered once where a worker that was let go may have said it, with a gradient of %d',
    async (length) => {
      const cluster = await start();
      const puppet = await cluster.puppet();
      await puppet.trained(1);
      const link = await cluster.connect();
      const heard = listen(link);
      const scope = { ...puppet.scope, run: 'an-earlier-run' };
      const part = { step: 7, samples: 1, metrics: {} };
      const gradient = new Float32Array(length);
      await link.send(encode({ kind: 'contribution', ...scope, ...part }, { gradient }));
      await link.send(encode({ kind: 'contribution', ...scope, ...part }, { gradient }));
      await puppet.trained(puppet.steps + 10);
      expect(heard).toMatchObject([{ kind: 'refuse', code: 'WORKER_LOST' }]);
      expect(refusals(cluster)).toEqual([]);
    },
  );

  it('is told to people a few times, and then counted', async () => {
    const cluster = await start();
    const puppet = await cluster.puppet();
    await puppet.trained(1);
    for (let i = 0; i < 100; i++) {
      const link = await cluster.connect();
      await link.send(encode(hello({ expects: { run: 'another-run' } })));
    }
    await puppet.trained(puppet.steps + 10);
    expect(refusals(cluster).map((each) => each.code)).toEqual(Array(5).fill('RUN_MISMATCH'));
  });

  it('does not end a run that has not begun, by the word that this machine started it', async () => {
    const cluster = await start();
    const link = await cluster.connect();
    const heard = listen(link);
    await link.send(encode(hello({ slot: 0 })));
    await link.send([Buffer.from('garbage')]);
    while (heard.length < 2) await new Promise(setImmediate);
    expect(heard.map(({ kind }) => kind)).toEqual(['welcome', 'refuse']);
    const puppet = await cluster.puppet();
    await puppet.trained(10);
  });

  it('gets no samples before it has a rank', async () => {
    const cluster = await start({ workers: 2, minWorkers: 2 });
    const link = await cluster.connect();
    const heard = listen(link);
    await link.send(encode(hello()));
    const scope = { run: 'r1', generation: 1 };
    const ranges = [{ begin: 0, end: 1 }];
    const asked = { request: 0, split: 'test', epoch: null, ranges } as const;
    for (let i = 0; i < 10; i++)
      await link.send(encode({ kind: 'data-request', ...scope, ...asked }));
    // Answered after those before it.
    await link.send(encode(hello()));
    while (heard.length < 2) await new Promise(setImmediate);
    expect(heard.map(({ kind }) => kind)).toEqual(['welcome', 'refuse']);
  });
});

it('a member that breaks the protocol is thrown out by name, and the run ends', async () => {
  const cluster = await start();
  const puppet = await cluster.puppet();
  await puppet.trained(3);
  puppet.sayFrames([Buffer.from('garbage')]);
  expect(await puppet.ended).toMatchObject({ kind: 'refuse', code: 'PROTOCOL_VIOLATION' });
  expect(await cluster.outcome).toMatchObject({
    stoppedBy: 'error',
    code: 'PROTOCOL_VIOLATION',
    message: expect.stringMatching(/^rank 0 \(host host, pid 1\) /),
  });
});

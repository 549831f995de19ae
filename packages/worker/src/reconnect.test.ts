import type { LockstepError } from '@lockstep/core';
import { type CoordinatorHeader, decode, encode, type Header } from '@lockstep/core/protocol';
import { memoryTransport } from '@lockstep/core/transport';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { createEngine, type Engine } from './engine/index.js';
import { type Reconnecting, runSessions } from './reconnect.js';
import { Session } from './session.js';
import { welcome as firstWelcome, scope } from './welcome.suite.js';

const welcome: CoordinatorHeader = { ...firstWelcome, hasCheckpoint: true };
const full = { kind: 'refuse', code: 'CLUSTER_FULL', message: 'all are here' } as const;
const fullForNow: CoordinatorHeader = { ...full, mayPass: true };
const goodbye: CoordinatorHeader = { kind: 'stop', ...scope, code: null, message: 'done' };

let engine: Engine;
beforeAll(async () => {
  engine = await createEngine('cpu');
});
afterAll(() => engine.dispose());

let names = 0;
/** A coordinator that answers each hello with what is next in its play. */
async function play(answers: readonly CoordinatorHeader[][], change: Partial<Reconnecting> = {}) {
  names += 1;
  const listener = await memoryTransport.listen(`memory://reconnect-${names}`);
  onTestFinished(() => listener.close());
  const heard: Header<'hello'>[] = [];
  const playing = (async () => {
    for await (const { peer, frames } of listener.receive()) {
      const { header } = decode(frames, 'worker');
      if (header.kind !== 'hello') continue;
      for (const answer of answers[heard.length] ?? []) await listener.send(peer, encode(answer));
      heard.push(header);
    }
  })();
  const begin: Reconnecting['begin'] = async (run, connectTimeoutMs, former) =>
    new Session({
      link: await memoryTransport.connect(listener.address),
      engine,
      version: '0.1.0',
      expects: run === null ? {} : { run },
      findDataset: async () => null,
      place: null,
      former,
      isFollowed: true,
      connectTimeoutMs,
      silenceTimeoutMs: 250,
      log: () => undefined,
    });
  const ended = runSessions({
    begin,
    run: null,
    connectTimeoutMs: 5_000,
    reconnectTimeoutMs: 5_000,
    isLeaving: () => false,
    log: () => undefined,
    ...change,
  }).then(
    (farewell) => ({ farewell }),
    ({ code, message }: LockstepError) => ({ code, message }),
  );
  const result = await ended;
  await listener.close();
  await playing;
  return { result, heard };
}

it('waits for the run that had welcomed it, and for that run only', async () => {
  // It is welcomed, and hears nothing more; then the coordinator is there again.
  const { result, heard } = await play([[welcome], [welcome, goodbye]]);
  expect(result).toEqual({ farewell: { code: null, message: 'done' } });
  expect(heard.map(({ expects }) => expects.run)).toEqual([undefined, 'r1']);
});

it('asks again where its own place is still taken by itself', async () => {
  const { result, heard } = await play([[welcome], [fullForNow], [fullForNow], [welcome, goodbye]]);
  expect(result).toHaveProperty('farewell');
  expect(heard).toHaveLength(4);
});

it('waits for a place that a killed worker still takes, and says so once', async () => {
  const lines: string[] = [];
  const { result, heard } = await play([[fullForNow], [fullForNow], [welcome, goodbye]], {
    log: (line) => lines.push(line),
  });
  expect(result).toHaveProperty('farewell');
  expect(heard).toHaveLength(3);
  expect(lines).toEqual(['all are here; waiting up to 5 s for a place']);
});

it('waits for a place no longer than it may', async () => {
  const { result } = await play([[fullForNow], [fullForNow], [fullForNow]], {
    connectTimeoutMs: 400,
  });
  expect(result).toMatchObject({ code: 'CLUSTER_FULL' });
});

it('believes that the cluster is full where no place can become free', async () => {
  const { result, heard } = await play([[full]]);
  expect(result).toMatchObject({ code: 'CLUSTER_FULL' });
  expect(heard).toHaveLength(1);
});

it('says hello again, on another connection, where nobody answers', async () => {
  const { result, heard } = await play([[], [welcome, goodbye]], { connectTimeoutMs: 20_000 });
  expect(result).toHaveProperty('farewell');
  expect(heard).toHaveLength(2);
});

it('gives up in the end, and says how long it has waited', async () => {
  const { result } = await play([], { connectTimeoutMs: 500 });
  expect(result).toEqual({
    code: 'COORDINATOR_UNREACHABLE',
    message: 'no coordinator answered within 0.5 s',
  });
});

it('does not wait where it is told not to', async () => {
  const { result } = await play([[welcome]], { reconnectTimeoutMs: null });
  expect(result).toMatchObject({ code: 'COORDINATOR_UNREACHABLE' });
});

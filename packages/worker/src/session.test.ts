import { modelHash, zoo } from '@lockstep/core/model';
import {
  type CoordinatorHeader,
  decode,
  encode,
  type Tensors,
  type WorkerHeader,
} from '@lockstep/core/protocol';
import { type Listener, memoryTransport } from '@lockstep/core/transport';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createEngine } from './engine/index.js';
import { Session, type SessionOptions } from './session.js';
import { scope, welcome } from './welcome.suite.js';

const assign: CoordinatorHeader = {
  kind: 'assign',
  ...scope,
  rank: 0,
  worldSize: 2,
  peers: [null, null],
  channel: 'c0',
};

/** The coordinator's end, played by the test: a real session on a real engine answers. */
class Stage {
  readonly #messages: AsyncIterator<{ peer: string; header: WorkerHeader; tensors: Tensors }>;
  peer = '';

  constructor(private readonly listener: Listener) {
    this.#messages = (async function* () {
      for await (const { peer, frames } of listener.receive()) {
        yield { peer, ...decode(frames, 'worker') };
      }
    })();
  }

  async say(header: CoordinatorHeader, tensors: Tensors = {}): Promise<void> {
    await this.listener.send(this.peer, encode(header, tensors));
  }

  /** The next message, which must be of this kind. */
  async hear<Kind extends WorkerHeader['kind']>(kind: Kind) {
    const { value } = await this.#messages.next();
    this.peer = value.peer;
    expect(value.header.kind).toBe(kind);
    return value as { header: Extract<WorkerHeader, { kind: Kind }>; tensors: Tensors };
  }
}

let listener: Listener;
let stage: Stage;
let names = 0;

beforeEach(async () => {
  names += 1;
  listener = await memoryTransport.listen(`memory://session-${names}`);
  stage = new Stage(listener);
});
afterEach(() => listener.close());

async function startSession(change: Partial<SessionOptions> = {}) {
  const session = new Session({
    link: await memoryTransport.connect(listener.address),
    engine: await createEngine('cpu'),
    version: '0.1.0',
    expects: {},
    findDataset: async () => null,
    place: null,
    connectTimeoutMs: 5_000,
    silenceTimeoutMs: 5_000,
    log: () => undefined,
    ...change,
  });
  return {
    session,
    ended: session.run().then(
      (value) => ({ value }),
      (error) => ({ error }),
    ),
  };
}

async function welcomed(change?: Partial<SessionOptions>) {
  const started = await startSession(change);
  await stage.hear('hello');
  await stage.say(welcome);
  const { header } = await stage.hear('ready');
  expect(header).toMatchObject({ modelHash: modelHash(zoo.tiny!), samples: 'remote' });
  expect(header.parameters).toHaveLength(6);
  await stage.say(assign);
  await stage.say({ kind: 'link', ...scope, request: 0, collective: 'star', measure: false });
  expect((await stage.hear('linked')).header).toMatchObject({ milliseconds: null, failure: null });
  return started;
}

const train: CoordinatorHeader = {
  kind: 'train',
  ...scope,
  epoch: 0,
  position: 0,
  step: 0,
  epochSums: {},
  learningRate: 0.1,
  scaling: { factor: 1, warmUpSteps: 0 },
  until: 2,
  reportEvery: 1,
};
const samples = (size: number): Tensors => ({
  images: new Uint8Array(size * 784).fill(7),
  labels: new Uint8Array(size),
});
const stop: CoordinatorHeader = { kind: 'stop', ...scope, code: null, message: 'done' };

it('refuses a precision that its engine does not have', async () => {
  const { ended } = await startSession();
  await stage.hear('hello');
  await stage.say({ ...welcome, precision: 'bfloat16' });
  const { header } = await stage.hear('failed');
  expect(header).toMatchObject({
    code: 'ENGINE_UNAVAILABLE',
    message: "the engine 'cpu' computes in float32 only, not in bfloat16",
  });
  expect(await ended).toMatchObject({ error: { code: 'ENGINE_UNAVAILABLE' } });
});

describe('a session', () => {
  it('trains its part with samples from the coordinator, and applies the average', async () => {
    const { ended } = await welcomed();
    await stage.say({ kind: 'send-hash', ...scope, request: 1 });
    const before = (await stage.hear('hash')).header.weightsSha256;
    await stage.say(train);
    const request = await stage.hear('data-request');
    expect(request.header.ranges).toEqual([
      { begin: 0, end: 2 },
      { begin: 4, end: 6 },
    ]);
    const chunk = { kind: 'data-chunk', ...scope, request: request.header.request } as const;
    await stage.say(chunk, samples(4));
    const { header, tensors } = await stage.hear('contribution');
    expect(header).toMatchObject({ step: 0, samples: 2, metrics: { loss: { count: 2 } } });
    expect(tensors.gradient).toHaveLength(51_840);
    await stage.say(
      { kind: 'averaged', ...scope, step: 0, proceed: false, epochSums: {} },
      tensors,
    );
    await stage.say({ kind: 'send-hash', ...scope, request: 2 });
    expect((await stage.hear('hash')).header.weightsSha256).not.toBe(before);
    await stage.say(stop);
    expect(await ended).toEqual({ value: { code: null, message: 'done' } });
  });

  it('tells with each step how long the one before took, on the clock of its answers to pings', async () => {
    const { ended } = await welcomed();
    await stage.say({ kind: 'ping', ...scope, askedAt: 5 });
    const { header: pong } = await stage.hear('pong');
    expect(pong.askedAt).toBe(5);
    await stage.say(train);
    const { header } = await stage.hear('data-request');
    const chunk = { kind: 'data-chunk', ...scope, request: header.request } as const;
    await stage.say(chunk, samples(4));
    const first = await stage.hear('contribution');
    expect(first.header).not.toHaveProperty('times');
    await stage.say(
      { kind: 'averaged', ...scope, step: 0, proceed: true, epochSums: {} },
      first.tensors,
    );
    const second = await stage.hear('contribution');
    await stage.say({ kind: 'ping', ...scope, askedAt: 6 });
    const { header: later } = await stage.hear('pong');
    const { times } = second.header;
    const [begun, ...phases] = times!;
    const whole = phases.reduce((sum, each) => sum + each, 0);
    expect(begun).toBeGreaterThanOrEqual(pong.answeredAt);
    expect(begun + whole).toBeLessThanOrEqual(later.answeredAt);
    const [, , compute, , barrier, apply] = times!;
    for (const phase of [compute, barrier, apply]) expect(phase).toBeGreaterThan(0);
    await stage.say(stop);
    await ended;
  });

  it('halted in a step, it gives the state of before that step', async () => {
    const { ended } = await welcomed();
    await stage.say({ kind: 'send-hash', ...scope, request: 1 });
    const before = (await stage.hear('hash')).header.weightsSha256;
    await stage.say(train);
    const { header } = await stage.hear('data-request');
    await stage.say({ kind: 'data-chunk', ...scope, request: header.request }, samples(4));
    await stage.hear('contribution');
    await stage.say({ kind: 'halt', ...scope });
    await stage.say({ kind: 'send-hash', ...scope, request: 2 });
    expect((await stage.hear('hash')).header.weightsSha256).toBe(before);
    await stage.say(stop);
    await ended;
  });

  it('does not train weights of another step than it is told to train from', async () => {
    const { ended } = await welcomed();
    await stage.say(train);
    const request = await stage.hear('data-request');
    const chunk = { kind: 'data-chunk', ...scope, request: request.header.request } as const;
    await stage.say(chunk, samples(4));
    const { tensors } = await stage.hear('contribution');
    await stage.say(
      { kind: 'averaged', ...scope, step: 0, proceed: false, epochSums: {} },
      tensors,
    );
    await stage.say(train);
    expect((await stage.hear('failed')).header).toMatchObject({
      code: 'PROTOCOL_VIOLATION',
      message:
        'the coordinator ordered to train from step 0 on, and the weights here are those of step 1',
    });
    await ended;
  });

  it('ends when it is told to, also while it waits for samples', async () => {
    const { ended } = await welcomed();
    await stage.say(train);
    await stage.hear('data-request');
    await stage.say(stop);
    expect(await ended).toEqual({ value: { code: null, message: 'done' } });
  });

  it('ends when the coordinator falls silent, also while it waits for samples', async () => {
    const { ended } = await welcomed({ silenceTimeoutMs: 500 });
    await stage.say(train);
    await stage.hear('data-request');
    expect(await ended).toMatchObject({
      error: { code: 'COORDINATOR_UNREACHABLE', message: 'the coordinator was silent for 0.5 s' },
    });
  });

  it('reports samples that it did not ask for as a violation, and ends', async () => {
    const { ended } = await welcomed();
    await stage.say({ kind: 'data-chunk', ...scope, request: 99 }, samples(1));
    expect((await stage.hear('failed')).header.code).toBe('PROTOCOL_VIOLATION');
    expect(await ended).toMatchObject({ error: { code: 'PROTOCOL_VIOLATION' } });
  });

  it('does not believe messages of another run or generation', async () => {
    const { ended } = await welcomed();
    await stage.say({ ...stop, run: 'another' });
    await stage.say({ ...stop, generation: 0 });
    await stage.say({ kind: 'send-hash', ...scope, generation: 7, request: 1 });
    await stage.say({ kind: 'ping', ...scope, askedAt: 5 });
    expect((await stage.hear('pong')).header.step).toBe(0);
    await stage.say(stop);
    await ended;
  });

  it('hears of the end of the run while it waits for a rank in a later membership', async () => {
    const { ended } = await startSession();
    await stage.hear('hello');
    await stage.say(welcome);
    await stage.hear('ready');
    await stage.say({ ...stop, generation: 3 });
    expect(await ended).toEqual({ value: { code: null, message: 'done' } });
  });

  it('ends with the code of a refusal', async () => {
    const { ended } = await startSession();
    await stage.hear('hello');
    await stage.say({ kind: 'refuse', code: 'CLUSTER_FULL', message: 'full', hint: 'more' });
    expect(await ended).toMatchObject({ error: { code: 'CLUSTER_FULL', hint: 'more' } });
  });

  it('takes a coordinator that does not know it any more for one that is gone', async () => {
    const { ended } = await welcomed();
    await stage.say({ kind: 'refuse', code: 'WORKER_LOST', message: 'not counted on' });
    expect(await ended).toMatchObject({ error: { code: 'COORDINATOR_UNREACHABLE' } });
  });

  it('tells the coordinator of a model that it cannot build', async () => {
    const { ended } = await startSession();
    await stage.hear('hello');
    const layers = zoo.tiny!.topology.config.layers as object[];
    const strange = layers.map((layer, index) =>
      index === 1 ? { ...layer, class_name: 'Nonsense' } : layer,
    );
    const topology = { class_name: 'Sequential', config: { layers: strange } };
    await stage.say({ ...welcome, model: { ...zoo.tiny!, topology } } as CoordinatorHeader);
    expect((await stage.hear('failed')).header.message).toContain('Nonsense');
    expect(await ended).toMatchObject({ error: { code: 'USAGE' } });
  });

  it('says that it leaves when its user stops it, and goes when it may', async () => {
    const { session, ended } = await welcomed();
    const left = session.leave('SIGINT');
    expect((await stage.hear('leaving')).header.reason).toBe('SIGINT');
    await stage.say({ kind: 'ping', ...scope, askedAt: 5 });
    await stage.hear('pong');
    await stage.say(stop);
    await left;
    expect(await ended).toMatchObject({ value: { code: stop.code } });
  });
});

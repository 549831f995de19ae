import type { WorkerHeader } from '@lockstep/core/protocol';
import fc from 'fast-check';
import type { Event } from './events.js';
import { hello, settings, sha } from './rehearsal.suite.js';
import type { State } from './state.js';

/** What is said, once it is known where the run stands: most of it is nearly right. */
export type Said = (state: State, peer: string) => Extract<Event, { type: 'message' }>;

const counts = fc.constantFrom(0, 1, 2, 3, 4, 7, 8, Number.MAX_SAFE_INTEGER);
/** Beside the number that would be right. */
const beside = fc.constantFrom(0, 0, 0, 0, 1, -1, 5, 1e6);
const names = fc.constantFrom('loss', 'accuracy', 'constructor', 'toString', '__proto_', 'x');
const metrics = fc.dictionary(
  names,
  fc.record({ sum: fc.double(), count: fc.oneof(fc.nat(8), counts) }),
);
const length = fc.constantFrom(0, 1, 9, 10, 11, 1e9);
/** Tensors that the decoder lets through, by kind. */
const gradient = fc.record({ gradient: length });
const brought: Readonly<Record<string, fc.Arbitrary<Record<string, number> | null>>> = {
  probe: gradient,
  contribution: fc.option(gradient),
  state: fc.option(fc.record({ weights: length, 'slot:momentum': length }, { requiredKeys: [] })),
};
const parameters = fc.constantFrom(
  [{ name: 'w', shape: [2, 5], trainable: true }],
  [{ name: 'w', shape: [2, 5], trainable: false }],
  [{ name: 'w', shape: [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER], trainable: true }],
  [],
);
const failure = fc.option(fc.constant({ code: 'INTERNAL', message: 'it broke' } as const));
const peers = fc.option(fc.constant({ address: 'tcp://x:1', host: 'host-x' }));

type Fields = Pick<WorkerHeader, 'kind'>;
/** What a header has beside its scope, where the run stands here. */
type Made = (state: State) => Fields;

const requestOf = (off: number) => (state: State) => Math.max(0, state.request + off);
const stepOf = (off: number) => (state: State) => Math.max(0, state.cursor.step + off);

const made: fc.Arbitrary<Made> = fc.oneof(
  fc
    .record({ modelHash: fc.constantFrom(settings.modelHash, sha('b')), parameters, peer: peers })
    .map((ready) => () => ({ kind: 'ready', samples: 'local', ...ready })),
  fc
    .record({ off: beside, milliseconds: fc.option(fc.double({ min: 0 })), failure })
    .map(({ off, ...answer }) => (state: State) => ({
      kind: 'linked',
      request: requestOf(off)(state),
      ...answer,
    })),
  fc.tuple(beside, counts).map(([off, round]) => (state: State) => ({
    kind: 'probe',
    request: requestOf(off)(state),
    round,
  })),
  fc.tuple(beside, beside).map(([off, ahead]) => (state: State) => ({
    kind: 'state',
    request: requestOf(off)(state),
    iterations: stepOf(ahead)(state),
  })),
  fc.tuple(beside, fc.constantFrom('e', 'f')).map(([off, digit]) => (state: State) => ({
    kind: 'hash',
    request: requestOf(off)(state),
    weightsSha256: sha(digit),
  })),
  fc
    .record({ off: beside, samples: counts, metrics, logged: fc.option(metrics) })
    .map(({ off, logged, ...part }) => (state: State) => ({
      kind: 'contribution',
      step: stepOf(off)(state),
      ...part,
      ...(logged && { logged }),
    })),
  fc.tuple(beside, metrics).map(([off, sums]) => (state: State) => ({
    kind: 'evaluated',
    request: requestOf(off)(state),
    metrics: sums,
  })),
  fc.tuple(counts, fc.array(counts)).map(([step, waitingFor]) => () => ({
    kind: 'pong',
    step,
    waitingFor,
    askedAt: 0,
    answeredAt: 0,
  })),
  fc.constant(() => ({ kind: 'data-request', request: 0, split: 'train', epoch: 0, ranges: [] })),
) as fc.Arbitrary<Made>;

const scopes = fc.record({
  isOfThisRun: fc.integer({ min: 0, max: 9 }).map((n) => n > 0),
  older: fc.constantFrom(0, 0, 0, 0, 1, -1),
});

/** Anything that the decoder lets through, but for a first or last word. */
export const talk: fc.Arbitrary<Said> = fc
  .record({
    fields: made,
    scope: scopes,
    tensors: fc.record(brought),
    id: fc.uuid(),
  })
  .map(({ fields, scope, tensors, id }) => (state, peer) => {
    const header = {
      ...fields(state),
      run: scope.isOfThisRun ? state.settings.run : 'another-run',
      generation: Math.max(0, state.generation + scope.older),
    } as WorkerHeader;
    const lengths = tensors[header.kind] ?? null;
    return {
      type: 'message',
      peer,
      header,
      tensors: lengths === null ? null : { id: `${peer} ${id}`, lengths },
    };
  });

/** A last word. */
export const farewells: fc.Arbitrary<Said> = fc
  .constantFrom('failed', 'leaving')
  .map((kind) => (state, peer) => {
    const scope = { run: state.settings.run, generation: state.generation };
    const header: WorkerHeader =
      kind === 'failed'
        ? { kind: 'failed', ...scope, code: 'INTERNAL', message: `${peer} broke` }
        : { kind: 'leaving', ...scope, reason: 'SIGTERM' };
    return { type: 'message', peer, header, tensors: null };
  });

/** A first word that is refused. */
export const wrongHellos: fc.Arbitrary<Said> = fc
  .record({
    slot: fc.constantFrom(0, 1, Number.MAX_SAFE_INTEGER),
    expects: fc.constantFrom({ run: 'another-run' }, { modelHash: sha('b') }),
  })
  .map((change) => (_state, peer) => says(peer, change));

/** A first word as a worker's, but for what follows it. */
export const rightHellos: fc.Arbitrary<Said> = fc.constant((_state, peer) => says(peer, {}));

const says = (peer: string, change: Parameters<typeof hello>[0]): ReturnType<Said> => ({
  type: 'message',
  peer,
  header: hello({ host: `host-${peer}`, ...change }),
  tensors: null,
});

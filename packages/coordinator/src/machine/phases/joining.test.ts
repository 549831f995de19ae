import { describe, expect, it } from 'vitest';
import type { Event } from '../events.js';
import { hello, outcomeOf, pair, Rehearsal, sha, start, tick } from '../rehearsal.suite.js';

describe('joining', () => {
  const refusals: [string, Parameters<typeof hello>[0], string][] = [
    ['another protocol', { protocol: 99 }, 'PROTOCOL_MISMATCH'],
    ['another run', { expects: { run: 'r2' } }, 'RUN_MISMATCH'],
    ['another model', { expects: { modelHash: sha('0') } }, 'MODEL_MISMATCH'],
    ['other samples', { expects: { datasetHash: sha('0') } }, 'DATASET_MISMATCH'],
    ['another configuration', { expects: { configHash: sha('0') } }, 'CONFIG_MISMATCH'],
    ['another engine', { engine: 'wasm' }, 'CONFIG_MISMATCH'],
  ];
  it.each(refusals)('refuses a worker with %s, and waits for another', (_what, change, code) => {
    const run = new Rehearsal().post(start).join('a').run();
    run.post({ type: 'message', peer: 'x', header: hello(change), tensors: null }).run();
    expect(run.transcript).toMatch(new RegExp(`-> x refuse \\{"code":"${code}"`));
    expect(run.state.members).toHaveLength(1);
    expect(run.state.phase.name).toBe('joining');
  });

  it('refuses one worker too many', () => {
    const run = pair().run().join('late').run();
    expect(run.transcript).not.toContain('-> late welcome');
    expect(run.transcript).not.toContain('mayPass');
    const full = new Rehearsal().silence('a').post(start).join('a', 'b', 'c').run();
    expect(full.transcript).toMatch(/-> c refuse {"code":"CLUSTER_FULL".*"mayPass":true/);
  });

  it('gives ranks by slot, not by order of arrival', () => {
    const run = new Rehearsal().post(start);
    for (const [peer, slot] of [
      ['late', 1],
      ['early', 0],
    ] as const) {
      run.post({ type: 'message', peer, header: hello({ slot }), tensors: null });
    }
    run.run();
    expect(run.state.members.map(({ peer }) => peer)).toEqual(['early', 'late']);
  });

  it('trains with those that came, and says so', () => {
    const run = new Rehearsal().post(start).join('a').run().post(tick(10_000)).run();
    expect(run.transcript).toContain('Only 1 of 2 workers joined within 10 s');
    expect(outcomeOf(run)).toMatchObject({ stoppedBy: 'epochs' });
  });

  it('fails instead, with --fallback fail', () => {
    const run = new Rehearsal({ settings: { fallback: 'fail' } }).post(start, tick(10_000)).run();
    expect(outcomeOf(run)).toMatchObject({ code: 'NO_WORKERS' });
  });

  it('trains alone with its own worker, not with one that was half there', () => {
    const run = new Rehearsal().silence('far').post(start);
    const far = { type: 'message', peer: 'far', header: hello(), tensors: null } as const;
    run.post(far, tick(10_000), { ...far, peer: 'later' }).run();
    expect(run.transcript).toContain('-> far refuse {"code":"CLUSTER_FULL"');
    expect(run.transcript).toContain('-> later refuse {"code":"CLUSTER_FULL"');
    expect(outcomeOf(run)).toMatchObject({ stoppedBy: 'epochs' });
    expect(run.state.members.map(({ peer }) => peer)).toEqual(['own']);
  });

  it('gives its own worker time to start, whatever it gave to others, and then ends', () => {
    const run = new Rehearsal().silence('own').post(start, tick(10_000)).run();
    run.post(tick(69_999));
    expect(run.transcript).not.toContain('NO_WORKERS');
    run.post(tick(70_000)).run();
    expect(outcomeOf(run)).toMatchObject({ stoppedBy: 'error', code: 'NO_WORKERS' });
    expect(outcomeOf(run)?.message).toContain('did not start within 60 s');
  });

  it.each<[string, Event]>([
    ['breaks the protocol', { type: 'lost', peer: 'far', code: 'PROTOCOL_VIOLATION', reason: '?' }],
    [
      'cannot build the model',
      {
        type: 'message',
        peer: 'far',
        header: { kind: 'failed', run: 'r1', generation: 1, code: 'USAGE', message: 'no' },
        tensors: null,
      },
    ],
  ])('waits for another when a remote worker %s', (_what, event) => {
    const run = new Rehearsal().silence('far').post(start);
    run.post({ type: 'message', peer: 'far', header: hello(), tensors: null }, event).run();
    expect(run.state.phase.name).toBe('joining');
    expect(outcomeOf(run.join('a', 'b').run())).toMatchObject({ stoppedBy: 'epochs' });
  });

  it('ends at once when a worker of its own cannot start', () => {
    const run = new Rehearsal()
      .post(start, { type: 'worker-exited', slot: 1, code: null, reason: 'exit 1' })
      .run();
    expect(outcomeOf(run)).toMatchObject({ code: 'WORKER_LOST' });
    expect(outcomeOf(run)?.message).toContain('local worker 1');
  });
});

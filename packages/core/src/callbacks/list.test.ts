import { describe, expect, it } from 'vitest';
import { LockstepError } from '../errors.js';
import type { Callback } from './callback.js';
import { CallbackList } from './list.js';
import type { Verdict } from './verdict.js';

const context = { epochs: 5, learningRate: 1 };
const giving = (name: string, verdict: Verdict): Callback => ({ name, onStepEnd: () => verdict });
const merged = (...verdicts: Verdict[]) =>
  new CallbackList(
    verdicts.map((verdict, index) => giving(`c${index}`, verdict)),
    context,
  ).onStepEnd(0, { loss: 1 });

describe('merging verdicts', () => {
  it('tells the first reason to stop and to fail', () => {
    expect(
      merged({}, { stop: { message: 'a' } }, { stop: { message: 'b' }, fail: { message: 'c' } }),
    ).toEqual({ stop: { message: 'a' }, fail: { message: 'c' } });
  });

  it('holds the last learning rate, zero included', () => {
    expect(merged({ learningRate: 2 }, { learningRate: 0 }, {})).toEqual({ learningRate: 0 });
  });

  it('saves as best when anyone wants the best', () => {
    expect(merged({ save: 'latest' }, { save: 'best' })).toEqual({ save: 'best' });
    expect(merged({ save: 'best' }, { save: 'latest' })).toEqual({ save: 'best' });
    expect(merged({ save: 'latest' }, {})).toEqual({ save: 'latest' });
  });

  it('collects wishes about weights, and messages in order', () => {
    expect(
      merged(
        { rememberWeights: true, restoreWeights: false, messages: ['a'] },
        { restoreWeights: true, messages: ['b', 'c'] },
      ),
    ).toEqual({ rememberWeights: true, restoreWeights: true, messages: ['a', 'b', 'c'] });
  });

  it('is empty when nobody wants anything', () => {
    expect(merged({}, { save: undefined, rememberWeights: false })).toEqual({});
  });
});

describe('CallbackList', () => {
  it('runs callbacks in order, each seeing the learning rate as it was left', async () => {
    const seen: [string, number][] = [];
    const halving = (name: string): Callback => ({
      name,
      onEpochBegin: async (_epoch, { learningRate }) => {
        await Promise.resolve();
        seen.push([name, learningRate]);
        return { learningRate: learningRate / 2 };
      },
    });
    const list = new CallbackList([halving('a'), halving('b')], context);
    await list.onTrainBegin();
    expect(await list.onEpochBegin(0)).toEqual({ learningRate: 0.25 });
    expect(seen).toEqual([
      ['a', 1],
      ['b', 0.5],
    ]);
    expect(list.learningRate).toBe(0.25);
  });

  it('passes epochs, steps and logs on', async () => {
    const calls: unknown[] = [];
    const spy: Callback = {
      name: 'spy',
      onTrainBegin: (...given) => void calls.push(['begin', ...given]),
      onEpochBegin: (...given) => void calls.push(['epoch', ...given]),
      onStepEnd: (...given) => void calls.push(['step', ...given]),
      onEpochEnd: (...given) => void calls.push(['epoch end', ...given]),
      onTrainEnd: (...given) => void calls.push(['end', ...given]),
    };
    const list = new CallbackList([spy], context);
    await list.onTrainBegin();
    await list.onEpochBegin(3);
    list.onStepEnd(8, { loss: 1 });
    await list.onEpochEnd(3, { loss: 2 });
    await list.onTrainEnd();
    expect(calls).toEqual([
      ['begin', context],
      ['epoch', 3, context],
      ['step', 8, { loss: 1 }, context],
      ['epoch end', 3, { loss: 2 }, context],
      ['end', context],
    ]);
  });

  it('gives each callback its own state back, after its beginning, by name and number', async () => {
    const remembering = (name: string, value: string): Callback & { value: string } => ({
      name,
      value,
      onTrainBegin() {
        this.value = 'fresh';
        return undefined;
      },
      state() {
        return this.value;
      },
      restore(state) {
        this.value = String(state);
      },
    });
    const before = [remembering('a', '1'), remembering('b', '2'), remembering('a', '3')];
    const saved = JSON.parse(JSON.stringify(new CallbackList(before, context).state()));

    const after = [remembering('b', ''), remembering('a', ''), remembering('new', '')];
    await new CallbackList(after, context).onTrainBegin(saved);
    expect(after.map(({ value }) => value)).toEqual(['2', '1', 'fresh']);
  });

  it('does not begin an epoch twice when it is resumed in its middle', async () => {
    const begun: number[] = [];
    const spy: Callback = { name: 'spy', onEpochBegin: (epoch) => void begun.push(epoch) };
    const list = new CallbackList([spy], context);
    await list.onEpochBegin(2);
    const resumed = new CallbackList([spy], context);
    await resumed.onTrainBegin(list.state());
    await resumed.onEpochBegin(2);
    await resumed.onEpochBegin(3);
    expect(begun).toEqual([2, 3]);
  });

  it('refuses a state that is none', async () => {
    await expect(new CallbackList([], context).onTrainBegin({ a: 1 })).rejects.toMatchObject({
      code: 'CHECKPOINT_MISMATCH',
    });
  });

  const thrown = new TypeError('undefined is not a function');
  const bad: Callback = {
    name: 'mine',
    onTrainBegin: () => Promise.reject(thrown),
    onStepEnd: () => {
      throw thrown;
    },
    state: () => {
      throw thrown;
    },
    restore: () => {
      throw thrown;
    },
  };
  const blamed = (hook: string) => ({
    code: 'USER_CODE',
    message: `${hook} of the callback "mine" threw: undefined is not a function`,
    cause: thrown,
  });

  it('names the callback and the hook that threw', async () => {
    const list = new CallbackList([bad], context);
    await expect(list.onTrainBegin()).rejects.toMatchObject(blamed('onTrainBegin'));
    expect(() => list.onStepEnd(0, {})).toThrowError(expect.objectContaining(blamed('onStepEnd')));
    expect(() => list.state()).toThrowError(expect.objectContaining(blamed('state')));
    const { onTrainBegin: _, ...restoring } = bad;
    const saved = { epochBegun: null, callbacks: { 'mine#0': 1 } };
    await expect(new CallbackList([restoring], context).onTrainBegin(saved)).rejects.toMatchObject(
      blamed('restore'),
    );
  });

  it('names the callback whose state cannot be written', () => {
    const list = new CallbackList([{ name: 'mine', state: () => ({ steps: 1n }) }], context);
    expect(() => list.state()).toThrowError(
      expect.objectContaining({
        code: 'USER_CODE',
        message: expect.stringMatching(/^state of the callback "mine" threw: .*BigInt/),
      }),
    );
  });

  it('leaves errors with a code as they are', async () => {
    const error = new LockstepError('RUN_DIRECTORY', 'no space');
    const list = new CallbackList(
      [{ name: 'csv', onTrainEnd: () => Promise.reject(error) }],
      context,
    );
    await expect(list.onTrainEnd()).rejects.toBe(error);
  });

  it.each([
    [true],
    ['stop'],
    [{ stop: 'now' }],
    [{ learningRate: Number.NaN }],
    [{ learningRate: -1 }],
    [{ stopTraining: true }],
  ])('refuses %j as a verdict', (verdict) => {
    const list = new CallbackList([giving('mine', verdict as Verdict)], context);
    expect(() => list.onStepEnd(0, {})).toThrowError(
      expect.objectContaining({
        code: 'USER_CODE',
        message: expect.stringContaining('onStepEnd of the callback "mine" returned what is no'),
      }),
    );
  });

  it('refuses an asynchronous onStepEnd instead of losing its verdict', () => {
    const promised = Promise.reject(new Error('later')) as unknown as Verdict;
    const list = new CallbackList([giving('mine', promised)], context);
    expect(() => list.onStepEnd(0, {})).toThrowError(
      expect.objectContaining({ message: expect.stringContaining('returned a promise') }),
    );
  });
});

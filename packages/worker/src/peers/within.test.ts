import { expect, it } from 'vitest';
import { deferred } from '../deferred.js';
import { type Limits, within } from './within.js';

function limits(change: Partial<Limits<string>> = {}) {
  const came: string[] = [];
  const given: Limits<string> = {
    limitMs: 60_000,
    signal: new AbortController().signal,
    expired: () => new Error('too late'),
    late: (value) => came.push(value),
    ...change,
  };
  return { came, given };
}

it('gives what comes in time', async () => {
  const { came, given } = limits();
  expect(await within(Promise.resolve('a'), given)).toBe('a');
  await expect(within(Promise.reject(new Error('no')), given)).rejects.toThrow('no');
  expect(came).toEqual([]);
});

it('gives up when the time is over, and hands on what comes later', async () => {
  const { came, given } = limits({ limitMs: 1 });
  const work = deferred<string>();
  await expect(within(work.promise, given)).rejects.toThrow('too late');
  work.resolve('b');
  await work.promise;
  expect(came).toEqual(['b']);
});

it('gives up at the signal, with its reason, also where that was given before', async () => {
  const controller = new AbortController();
  const { came, given } = limits({ signal: controller.signal });
  const work = deferred<string>();
  const waiting = within(work.promise, given);
  controller.abort(new Error('halt'));
  await expect(waiting).rejects.toThrow('halt');
  await expect(within(work.promise, given)).rejects.toThrow('halt');
  work.resolve('c');
  await work.promise;
  expect(came).toEqual(['c', 'c']);
});

it('lets what fails later fail in silence', async () => {
  const { given } = limits({ limitMs: 1 });
  const work = deferred<string>();
  await expect(within(work.promise, given)).rejects.toThrow('too late');
  work.reject(new Error('whatever'));
  await expect(work.promise).rejects.toThrow('whatever');
});

import { expect, it } from 'vitest';
import { Turns } from './turns.js';

/** Work that ends when it is told to. */
function held() {
  let resolve: (value: string) => void = () => {};
  let reject: (reason: Error) => void = () => {};
  const promise = new Promise<string>((...settle) => {
    [resolve, reject] = settle;
  });
  return { promise, resolve, reject };
}

it('begins at once where nothing runs, and else in the order asked for', async () => {
  const turns = new Turns();
  const begun: string[] = [];
  const work = [held(), held(), held()];
  const results = work.map(({ promise }, i) =>
    turns.take(() => {
      begun.push(`${i}`);
      return promise;
    }),
  );
  expect(begun).toEqual(['0']);
  work[2]!.resolve('third');
  await new Promise(setImmediate);
  expect(begun).toEqual(['0']);
  work[0]!.resolve('first');
  expect(await results[0]).toBe('first');
  await new Promise(setImmediate);
  expect(begun).toEqual(['0', '1']);
  work[1]!.resolve('second');
  expect(await Promise.all(results)).toEqual(['first', 'second', 'third']);
  let atOnce = false;
  const last = turns.take(async () => {
    atOnce = true;
  });
  expect(atOnce).toBe(true);
  await last;
});

it('goes on after work that failed', async () => {
  const turns = new Turns();
  const first = held();
  const failing = turns.take(() => first.promise);
  const next = turns.take(async () => 'next');
  first.reject(new Error('of the first'));
  await expect(failing).rejects.toThrow('of the first');
  expect(await next).toBe('next');
});

import { expect, it } from 'vitest';
import { until } from './patience.js';

function counting() {
  let yields = 0;
  return {
    yieldProcessor: () => {
      yields += 1;
    },
    yields: () => yields,
  };
}

it('neither yields nor turns for what is there at once', async () => {
  const libc = counting();
  let looks = 0;
  expect(await until(() => ++looks === 3, 0, libc)).toBe(true);
  expect(libc.yields()).toBe(0);
});

it('lets other processes and the event loop go on, and sees what comes late', async () => {
  const libc = counting();
  let there = false;
  setTimeout(() => {
    there = true;
  }, 20);
  expect(await until(() => there, performance.now() + 20_000, libc)).toBe(true);
  expect(libc.yields()).toBeGreaterThan(0);
});

it('gives up at its deadline, having looked once more', async () => {
  const deadline = performance.now() + 10;
  let lastLook = 0;
  const look = () => {
    lastLook = performance.now();
    return false;
  };
  expect(await until(look, deadline, counting())).toBe(false);
  expect(lastLook).toBeGreaterThan(deadline);
});

it('ends with what looking throws', async () => {
  const reason = new Error('aborted');
  let looks = 0;
  const look = () => {
    looks += 1;
    if (looks > 1_000) throw reason;
    return false;
  };
  await expect(until(look, performance.now() + 20_000, counting())).rejects.toBe(reason);
});

import { expect, it } from 'vitest';
import { VirtualTime } from './virtualTime.js';

it('jumps from one event to the next, in their order', async () => {
  const time = new VirtualTime();
  const seen: [string, number][] = [];
  const note = (name: string) => () => seen.push([name, time.now]);
  time.at(3, note('third'));
  time.at(1, () => {
    note('first')();
    time.at(2, note('second'));
    time.at(0, note('too late for its time'));
  });
  const cancelled = time.at(2.5, note('cancelled'));
  time.at(2.5, () => undefined);
  cancelled.cancel();
  await time.run();
  expect(seen).toEqual([
    ['first', 1],
    ['too late for its time', 1],
    ['second', 2],
    ['third', 3],
  ]);
  expect(time.now).toBe(3);
  expect(time.events).toBe(6);
});

it('stands still until all that follows from a promise has run', async () => {
  const time = new VirtualTime();
  const seen: number[] = [];
  const program = async () => {
    await time.until(1);
    for (let i = 0; i < 100; i++) await null;
    seen.push(time.now);
    await time.until(1.5);
    seen.push(time.now);
  };
  time.at(2, () => seen.push(time.now));
  const done = program();
  await time.run();
  await done;
  expect(seen).toEqual([1, 1.5, 2]);
});

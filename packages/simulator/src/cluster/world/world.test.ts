import { Random } from '@lockstep/core/data';
import { expect, it } from 'vitest';
import { takeOver } from './globals.js';
import { SimulatedProcess } from './process.js';
import { World } from './world.js';

const worldOf = (seed: number) => new World(Random.from('test', seed));
const process = (name: string) => new SimulatedProcess(name, name);

/** Runs a program of one process in a world of its own. */
async function simulated(program: (world: World) => Promise<void>) {
  const owner = process('one');
  const world = worldOf(1);
  const giveBack = takeOver(world);
  try {
    world.after(0, owner, () => void program(world));
    await world.run(() => false);
  } finally {
    giveBack();
  }
  return { world, owner };
}

it('gives a process the clock and the timers of the world, and takes them back', async () => {
  const seen: [string, number][] = [];
  const note = (what: string) => seen.push([what, Math.round(performance.now())]);
  const before = setTimeout;
  const { world } = await simulated(async () => {
    const interval = setInterval(() => note('interval'), 400);
    const stopped = setTimeout(() => note('never'), 500);
    clearTimeout(stopped);
    const { setTimeout: wait } = await import('node:timers/promises');
    await wait(1_000);
    note('waited');
    clearInterval(interval);
    setImmediate(note, 'at once');
  });
  expect(seen).toEqual([
    ['interval', 400],
    ['interval', 800],
    ['waited', 1_000],
    ['at once', 1_000],
  ]);
  expect(Math.round(world.now)).toBe(1_000);
  expect(setTimeout).toBe(before);
});

it('lets one process run at a time, and all of a promise before the next one', async () => {
  const seen: string[] = [];
  const world = worldOf(2);
  for (const name of ['one', 'other']) {
    world.after(1, process(name), () => {
      void (async () => {
        for (let i = 0; i < 10; i++) await null;
        seen.push(`${name} in ${world.current?.name}`);
      })();
    });
  }
  await world.run(() => false);
  expect(seen.sort()).toEqual(['one in one', 'other in other']);
});

it('holds back what happens to a process that is stopped, and drops what would to a dead one', async () => {
  const seen: [string, number][] = [];
  const world = worldOf(3);
  const stopped = process('stopped');
  const dead = process('dead');
  const note = (what: string) => () => seen.push([what, Math.round(world.now)]);
  for (const at of [100, 200, 300]) {
    world.at(at, stopped, note(`stopped ${at}`));
    world.at(at, dead, note(`dead ${at}`));
  }
  world.at(150, null, () => {
    stopped.pause();
    dead.end();
  });
  world.at(250, null, () => world.resume(stopped));
  await world.run(() => false);
  expect(seen).toEqual([
    ['stopped 100', 100],
    ['dead 100', 100],
    ['stopped 200', 250],
    ['stopped 300', 300],
  ]);
});

it('orders what happens at once by the seed', async () => {
  const orderOf = async (seed: number) => {
    const world = worldOf(seed);
    const order: number[] = [];
    for (let i = 0; i < 8; i++) world.after(5, null, () => order.push(i));
    await world.run(() => false);
    return order.join();
  };
  expect(await orderOf(1)).toBe(await orderOf(1));
  expect(await orderOf(1)).not.toBe(await orderOf(2));
});

it('knows what a process has left open', async () => {
  let open: string[] = [];
  const { owner } = await simulated(async ({ current }) => {
    setTimeout(() => undefined, 10).unref();
    const left = setInterval(() => clearInterval(left), 50);
    open = [...current!.possessions].map(({ name }) => name);
  });
  expect(open).toEqual(['an interval of 50 ms']);
  expect(owner.possessions.size).toBe(0);
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryDisk, PowerCut } from '../disk/memoryDisk.js';
import { exampleCheckpoint } from './example.suite.js';
import { CheckpointStore } from './store.js';

const folder = '/run/checkpoints';

interface Save {
  readonly step: number;
  readonly best: boolean;
}

const weightsOf = (step: number) => new Float32Array(10).fill(step + 0.5);
const checkpointOf = (step: number) =>
  exampleCheckpoint({ epoch: 1, step, weights: weightsOf(step) });

/** Saves one after another; says which are done, also where the disk then fails. */
async function saveAll(store: CheckpointStore, saves: readonly Save[]): Promise<Save[]> {
  const done: Save[] = [];
  for (const save of saves) {
    try {
      await store.save(checkpointOf(save.step), { best: save.best });
      done.push(save);
    } catch (thrown) {
      expect(thrown).toMatchObject({ code: 'RUN_DIRECTORY' });
    }
  }
  return done;
}

/** What the next process finds is whole, and no older than what was reported done; it can save on. */
async function expectNothingLost(disk: MemoryDisk, done: readonly Save[]): Promise<void> {
  const store = new CheckpointStore(folder, { disk, keepLast: 2 });
  const last = done.at(-1)?.step ?? 0;
  const found = await store.newest().catch((thrown: unknown) => {
    expect(thrown).toMatchObject({ message: `${folder} has no checkpoint` });
    return null;
  });
  if (found === null) expect(last).toBe(0);
  else {
    const { step } = found.checkpoint.header.cursor;
    expect(step).toBeGreaterThanOrEqual(last);
    expect(found.checkpoint).toEqual(checkpointOf(step));
    expect(found.skipped).toEqual([]);
  }
  const best = done.findLast((save) => save.best)?.step ?? 0;
  const bestStep = (await store.best())?.checkpoint.header.cursor.step ?? 0;
  expect(bestStep).toBeGreaterThanOrEqual(best);
  await store.save(checkpointOf(1_000));
  expect((await store.newest()).checkpoint).toEqual(checkpointOf(1_000));
  expect((await disk.list(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
}

const saves: readonly Save[] = [
  { step: 1, best: true },
  { step: 2, best: false },
  { step: 3, best: true },
  { step: 4, best: false },
];

/** Every moment at which an operation begins, and the bytes of the writes by strides. */
async function momentsOf(keepLast: number, stride: number): Promise<number[]> {
  const moments = new Set<number>();
  const disk: MemoryDisk = new MemoryDisk({
    before: async () => void moments.add(disk.done).add(disk.done + 1),
  });
  await saveAll(new CheckpointStore(folder, { disk, keepLast }), saves);
  for (let moment = 0; moment <= disk.done; moment += stride) moments.add(moment);
  return [...moments];
}

/** Numbers of a property test as choices, over and over. */
const choosing = (numbers: readonly number[]) => {
  let next = 0;
  return (below: number) => numbers[next++ % numbers.length]! % below;
};

describe('a store whose process dies, whose computer loses its power, or whose disk is full', () => {
  it.each([1, 2])('loses nothing at any operation, keeping %i', async (keepLast) => {
    for (const diesAfter of await momentsOf(keepLast, 211)) {
      const disk = new MemoryDisk({ diesAfter });
      const done = await saveAll(new CheckpointStore(folder, { disk, keepLast }), saves);
      await expectNothingLost(disk.afterKill(), done);
      await expectNothingLost(
        disk.afterPowerCut(() => 0),
        done,
      );
      await expectNothingLost(
        disk.afterPowerCut((below) => below - 1),
        done,
      );
      await expect(disk.list('/')).rejects.toThrow(PowerCut);
    }
  });

  it('loses nothing at any byte, whatever a power cut leaves', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 12_000 }),
        fc.array(fc.nat(9_999), { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 1, max: 3 }),
        async (diesAfter, choices, keepLast) => {
          const disk = new MemoryDisk({ diesAfter });
          const done = await saveAll(new CheckpointStore(folder, { disk, keepLast }), saves);
          await expectNothingLost(disk.afterPowerCut(choosing(choices)), done);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('loses nothing on a disk that is full at any byte, and cleans up', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 9_000 }), async (capacity) => {
        const disk = new MemoryDisk({ capacity });
        const done = await saveAll(new CheckpointStore(folder, { disk, keepLast: 2 }), saves);
        const left = await disk.list(folder);
        expect(left.filter((name) => name.endsWith('.tmp'))).toEqual([]);
        await expectNothingLost(disk.afterKill(), done);
      }),
      { numRuns: 100 },
    );
  });

  it('says what a full and a read-only disk refuse', async () => {
    const full = new CheckpointStore(folder, { disk: new MemoryDisk({ capacity: 100 }) });
    await expect(full.save(checkpointOf(1))).rejects.toMatchObject({
      code: 'RUN_DIRECTORY',
      message: expect.stringContaining('ENOSPC: no space left on device'),
      hint: expect.stringContaining('Free some space'),
    });
    const disk = new MemoryDisk();
    await new CheckpointStore(folder, { disk }).save(checkpointOf(1));
    const store = new CheckpointStore(folder, { disk: disk.afterKill({ readOnly: true }) });
    await expect(store.save(checkpointOf(2))).rejects.toMatchObject({
      code: 'RUN_DIRECTORY',
      message: expect.stringContaining('EROFS'),
      hint: expect.stringContaining('read-only'),
    });
    expect((await store.newest()).checkpoint).toEqual(checkpointOf(1));
  });
});

describe('a store in which checkpoints are damaged', () => {
  const nameOf = (step: number) =>
    `${folder}/epoch-0001-step-${String(step).padStart(8, '0')}.ckpt`;
  const cut = (bytes: Uint8Array) => bytes.subarray(0, bytes.length - 1);

  it('counts whole ones only when it removes old ones', async () => {
    const disk = new MemoryDisk();
    const first = new CheckpointStore(folder, { disk, keepLast: 3 });
    for (const step of [1, 2, 3]) await first.save(checkpointOf(step));
    disk.damage(nameOf(2), cut);
    disk.damage(nameOf(3), cut);
    const next = new CheckpointStore(folder, { disk, keepLast: 2 });
    await next.save(checkpointOf(4));
    disk.damage(nameOf(4), cut);
    expect((await next.newest()).checkpoint).toEqual(checkpointOf(1));
  });

  it('has a whole one after each save, whatever is damaged in between', async () => {
    const steps = fc.array(
      fc.record({
        step: fc.integer({ min: 1, max: 6 }),
        damage: fc.array(fc.integer({ min: 1, max: 6 })),
      }),
      { minLength: 1, maxLength: 8 },
    );
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 1, max: 3 }), async (sequence, keepLast) => {
        const disk = new MemoryDisk();
        const whole = new Set<number>();
        for (const { step, damage } of sequence) {
          // As a process that goes on knows nothing of what an earlier one has written.
          const store = new CheckpointStore(folder, { disk, keepLast });
          await store.save(checkpointOf(step));
          whole.add(step);
          const newest = (await store.newest()).checkpoint.header.cursor.step;
          expect(newest).toBe(Math.max(...whole));
          const names = await disk.list(folder);
          const isThere = (of: number) => names.includes(nameOf(of).slice(folder.length + 1));
          // All that were whole are there, up to the number that is kept.
          const kept = [...whole].filter(isThere);
          expect(kept.length).toBeGreaterThanOrEqual(Math.min(whole.size, keepLast));
          for (const of of whole) if (!isThere(of)) whole.delete(of);
          for (const of of damage) {
            if (!isThere(of)) continue;
            disk.damage(nameOf(of), cut);
            whole.delete(of);
          }
        }
      }),
    );
  });
});

import { mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { exampleCheckpoint } from './example.suite.js';
import { CheckpointStore } from './store.js';

const name = (epoch: number, step: number) =>
  `epoch-${String(epoch).padStart(4, '0')}-step-${String(step).padStart(8, '0')}.ckpt`;

describe('CheckpointStore', () => {
  let root: string;
  let directory: string;
  let store: CheckpointStore;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'store-'));
    directory = join(root, 'run', 'checkpoints');
    store = new CheckpointStore(directory);
  });
  afterEach(async () => await rm(root, { recursive: true }));
  const files = async () => (await readdir(directory)).sort();
  const at = (epoch: number, step: number) => exampleCheckpoint({ epoch, step });
  const damage = async (file: string) => {
    const { size } = await stat(join(directory, file));
    await truncate(join(directory, file), size - 1);
  };

  it('makes the directory, writes a whole file and gives it back', async () => {
    const checkpoint = at(2, 60);
    const { file, bytes } = await store.save(checkpoint);
    expect(file).toBe(join(directory, 'epoch-0002-step-00000060.ckpt'));
    expect((await stat(file)).size).toBe(bytes);
    expect(await files()).toEqual([name(2, 60)]);
    expect(await store.load(file)).toEqual(checkpoint);
    expect(await store.newest()).toEqual({ checkpoint, file, skipped: [] });
  });

  it('keeps the last three', async () => {
    for (let step = 1; step <= 5; step += 1) await store.save(at(1, step));
    expect(await files()).toEqual([name(1, 3), name(1, 4), name(1, 5)]);
  });

  it('goes by steps, then epochs, not by the letters of the name', async () => {
    const keeping = new CheckpointStore(directory, { keepLast: 1 });
    await keeping.save(at(9_999, 99_999_999));
    await keeping.save(at(9_999, 100_000_000));
    await keeping.save(at(10_000, 100_000_000));
    expect(await files()).toEqual([name(10_000, 100_000_000)]);
  });

  it('never removes the best one, nor other files', async () => {
    await store.save(at(0, 1), { best: true });
    await writeFile(join(directory, 'notes.ckpt'), 'mine');
    for (let step = 2; step <= 6; step += 1) await store.save(at(1, step));
    expect(await files()).toEqual(['best.ckpt', name(1, 4), name(1, 5), name(1, 6), 'notes.ckpt']);
    expect((await store.best())?.checkpoint.header.cursor.step).toBe(1);
  });

  it('replaces the best one by a better one', async () => {
    expect(await store.best()).toBeUndefined();
    for (const step of [1, 2, 3]) await store.save(at(1, step), { best: step !== 3 });
    const best = await store.best();
    expect(best).toEqual({ checkpoint: at(1, 2), file: join(directory, 'best.ckpt') });
    expect(await files()).toEqual(['best.ckpt', name(1, 1), name(1, 2), name(1, 3)]);
  });

  it('keeps the best one as it was when the same step is saved anew', async () => {
    await store.save(at(1, 1), { best: true });
    await store.save(exampleCheckpoint({ epoch: 1, step: 1, weights: new Float32Array(10) }));
    expect((await store.best())?.checkpoint).toEqual(at(1, 1));
  });

  it('skips corrupt checkpoints, naming them', async () => {
    for (const step of [1, 2, 3]) await store.save(at(1, step));
    await damage(name(1, 3));
    await writeFile(join(directory, name(1, 2)), '');
    const { checkpoint, skipped } = await store.newest();
    expect(checkpoint).toEqual(at(1, 1));
    expect(skipped.map(({ file }) => file)).toEqual([
      join(directory, name(1, 3)),
      join(directory, name(1, 2)),
    ]);
    expect(skipped[0]?.reason).toContain('cut short');
    expect(skipped[1]?.reason).toContain('is not a Lockstep checkpoint');
  });

  it('takes the best one when it is the only whole one', async () => {
    await store.save(at(1, 1), { best: true });
    await store.save(at(1, 2));
    await rm(join(directory, name(1, 1)));
    await damage(name(1, 2));
    const { checkpoint, skipped } = await store.newest();
    expect(checkpoint).toEqual(at(1, 1));
    expect(skipped.map(({ file }) => file)).toEqual([join(directory, name(1, 2))]);
  });

  it('never removes the one just written, though corrupt ones have higher steps', async () => {
    const keeping = new CheckpointStore(directory, { keepLast: 1 });
    await keeping.save(at(1, 9));
    await damage(name(1, 9));
    await keeping.save(at(1, 5));
    await keeping.save(at(1, 6));
    expect(await files()).toEqual([name(1, 6), name(1, 9)]);
    expect((await keeping.newest()).checkpoint).toEqual(at(1, 6));
  });

  it('says that there is none, or why each one is of no use', async () => {
    await expect(store.newest()).rejects.toMatchObject({
      code: 'CHECKPOINT_CORRUPT',
      message: `${directory} has no checkpoint`,
    });
    await store.save(at(1, 1));
    await damage(name(1, 1));
    await expect(store.newest()).rejects.toMatchObject({
      code: 'CHECKPOINT_CORRUPT',
      message: expect.stringMatching(/has no whole checkpoint: .*step-00000001\.ckpt is cut short/),
    });
  });

  it('names the file that is corrupt, and the one that is not there', async () => {
    const { file } = await store.save(at(1, 1));
    await damage(name(1, 1));
    await expect(store.load(file)).rejects.toMatchObject({
      code: 'CHECKPOINT_CORRUPT',
      message: expect.stringContaining(file),
    });
    await expect(store.load(`${file}x`)).rejects.toMatchObject({
      code: 'RUN_DIRECTORY',
      message: `cannot read ${file}x: ENOENT: no such file or directory`,
    });
    await writeFile(join(directory, 'best.ckpt'), 'LOCKSTEP');
    await expect(store.best()).rejects.toMatchObject({ code: 'CHECKPOINT_CORRUPT' });
  });

  it('leaves what there is when a save fails', async () => {
    await store.save(at(1, 1), { best: true });
    const before = await readFile(join(directory, name(1, 1)));
    // A directory in the file's place makes the rename fail, after all was written.
    await mkdir(join(directory, name(1, 2), 'in the way'), { recursive: true });
    await expect(store.save(at(1, 2), { best: true })).rejects.toMatchObject({
      code: 'RUN_DIRECTORY',
      message: expect.stringContaining(`cannot write ${join(directory, name(1, 2))}: E`),
    });
    expect(await files()).toEqual(['best.ckpt', name(1, 1), name(1, 2)]);
    expect(await readFile(join(directory, name(1, 1)))).toEqual(before);
    expect((await store.best())?.checkpoint).toEqual(at(1, 1));
  });

  it('says which directory cannot be made or read', async () => {
    await writeFile(join(root, 'file'), '');
    const inFile = new CheckpointStore(join(root, 'file', 'run'));
    const refused = { code: 'RUN_DIRECTORY', hint: expect.stringContaining('is a file') };
    await expect(inFile.prepare()).rejects.toMatchObject(refused);
    await expect(inFile.save(at(1, 1))).rejects.toMatchObject(refused);
    await expect(inFile.newest()).rejects.toMatchObject(refused);
  });

  it('refuses to keep none', () => {
    for (const keepLast of [0, -1, 1.5, Number.NaN]) {
      expect(() => new CheckpointStore(directory, { keepLast })).toThrowError(
        expect.objectContaining({ code: 'USAGE' }),
      );
    }
  });

  it('ignores what a writer that died left unfinished, and removes it before writing', async () => {
    await store.save(at(1, 1));
    const leftover = join(directory, `.${name(1, 2)}.${process.pid}.99.tmp`);
    await writeFile(leftover, 'LOCKSTEP');
    const next = new CheckpointStore(directory);
    expect((await next.newest()).skipped).toEqual([]);
    expect(await files()).toContain(`.${name(1, 2)}.${process.pid}.99.tmp`);
    await next.prepare();
    expect(await files()).toEqual([name(1, 1)]);
  });
});

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { birthOf, placeOfNumbers } from './processIdentity.js';
import { RunLock } from './runLock.js';

const times = { refreshMs: 20, silenceMs: 400, lookMs: 5 };
const patient = { ...times, silenceMs: 60_000 };
const refused = (by: string | RegExp) => ({
  code: 'RUN_DIRECTORY',
  message: expect.stringMatching(by),
  hint: expect.stringContaining('stop it first'),
});

describe('the lock of a run directory', () => {
  let directory: string;
  const locks: RunLock[] = [];
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'lock-'));
  });
  afterEach(async () => {
    for (const lock of locks.splice(0)) await lock.release();
    await rm(directory, { recursive: true });
  });
  const lock = (of = times) => {
    const made = new RunLock(of);
    locks.push(made);
    return made;
  };
  const file = () => join(directory, 'coordinator.lock');
  const write = (owner: object) => writeFile(file(), `${JSON.stringify(owner)}\n`);
  const here = { id: 'x', host: 'h', place: placeOfNumbers(), pid: 1, birth: birthOf(1) };
  const elsewhere = { ...here, place: 'another machine' };
  const ownerOf = async () => JSON.parse(await readFile(file(), 'utf8'));

  it('is for one of them, and for the next one afterwards', async () => {
    const first = lock();
    await first.take(directory);
    await expect(lock(patient).take(directory)).rejects.toMatchObject(
      refused(`still running, by process ${process.pid} on `),
    );
    await first.release();
    expect(await readdir(directory)).toEqual([]);
    await lock().take(directory);
  });

  it('is for exactly one of many that come at once, also where a dead one has it', async () => {
    const { pid } = spawnSync(process.execPath, ['--version']);
    await write({ ...here, pid });
    const all = Array.from({ length: 12 }, () => lock().take(directory));
    const taken = await Promise.allSettled(all);
    expect(taken.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await readdir(directory)).toEqual(['coordinator.lock']);
  });

  it.skipIf(birthOf(process.pid) === '')(
    'of a living process of this machine is refused, however long it is silent (needs /proc)',
    async () => {
      const living = spawn(process.execPath, ['-e', 'process.stdin.resume()']);
      await write({ ...here, pid: living.pid, birth: birthOf(living.pid!) });
      await expect(lock({ ...times, silenceMs: 0 }).take(directory)).rejects.toMatchObject(
        refused(`process ${living.pid} on h`),
      );
      living.kill();
      await once(living, 'exit');
      await lock(patient).take(directory);
    },
  );

  it('of a predecessor of the same number is taken', async () => {
    await write({ ...here, pid: process.pid });
    await lock(patient).take(directory);
    expect(await ownerOf()).not.toMatchObject({ id: 'x' });
  });

  it.skipIf(birthOf(process.pid) === '')(
    'of a process whose number was given again is taken (needs /proc)',
    async () => {
      await write({ ...here, pid: process.ppid, birth: '1' });
      await lock(patient).take(directory);
    },
  );

  it('of another machine is refused when it shows that it lives', async () => {
    await write(elsewhere);
    let beat = 0;
    const waiting: string[] = [];
    const beating = setInterval(() => {
      beat += 1;
      void write({ ...elsewhere, beat });
    }, 50);
    const taking = lock(patient).take(directory, (why) => waiting.push(why));
    // Read in the middle of a write it is somebody's.
    await expect(taking).rejects.toMatchObject(
      refused(/still running, by (process 1 on h|somebody)/),
    );
    clearInterval(beating);
    expect(waiting).toEqual([`process 1 on h has ${directory}: does it live?`]);
  });

  it.each([
    ['of another machine', `${JSON.stringify(elsewhere)}\n`],
    ['of nobody, whose maker died before it was written', ''],
  ])('%s is taken when it is silent for long', async (_whose, text) => {
    await writeFile(file(), text);
    await lock().take(directory);
    expect(await ownerOf()).toMatchObject({ pid: process.pid });
  });

  it('is kept by whoever shows that it lives; one that was held up hears of its loss', async () => {
    const first = lock();
    const lost = new Promise<Error>((resolve) => {
      first.onLost = resolve;
    });
    await first.take(directory);
    const { beat } = await ownerOf();
    await expect.poll(async () => (await ownerOf()).beat).not.toBe(beat);
    await rm(file());
    await write(elsewhere);
    expect(await lost).toMatchObject({ code: 'RUN_DIRECTORY' });
    await first.release();
    expect(await ownerOf()).toMatchObject({ id: 'x' });
  });

  it('is let go of at once where the process is about to end', async () => {
    const first = lock();
    await first.take(directory);
    first.abandon();
    expect(await readdir(directory)).toEqual([]);
  });

  it('says which file cannot be made', async () => {
    await expect(lock().take(join(directory, 'absent'))).rejects.toMatchObject({
      code: 'RUN_DIRECTORY',
      message: expect.stringMatching(/^cannot write .*coordinator\.lock: ENOENT/),
    });
  });
});

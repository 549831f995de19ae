import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withLock } from './lock.js';
import { processSpace } from './processSpace.js';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lock-'));
  file = join(folder, 'engine.lock');
});
afterEach(() => rmSync(folder, { recursive: true }));

const ignore = { onWait: () => undefined };
const heldBy = (holder: object): void =>
  writeFileSync(file, JSON.stringify({ host: 'box', pid: process.pid, ...holder }));

describe('withLock', () => {
  it('lets one act after the other, and is gone afterwards', async () => {
    const events: string[] = [];
    let release = (): void => undefined;
    const first = withLock(file, ignore, async () => {
      events.push('first begins');
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      events.push('first ends');
    });
    const second = withLock(
      file,
      {
        onWait: () => {
          events.push('second waits');
          release();
        },
      },
      async () => void events.push('second acts'),
    );
    await Promise.all([first, second]);
    expect(events).toEqual(['first begins', 'second waits', 'first ends', 'second acts']);
    expect(existsSync(file)).toBe(false);
  });

  it('is gone after a failure, too', async () => {
    const failing = withLock(file, ignore, () => Promise.reject(new Error('no')));
    await expect(failing).rejects.toThrow('no');
    expect(existsSync(file)).toBe(false);
  });

  it.each([
    ['a process that is gone', { space: processSpace, pid: 2 ** 30 }],
    ['a predecessor with the same number', { space: processSpace, pid: process.pid }],
  ])('does not wait for %s', async (_what, holder) => {
    heldBy(holder);
    const onWait = (): never => {
      throw new Error('it waits');
    };
    expect(await withLock(file, { onWait }, async () => 'done')).toBe('done');
  });

  it('takes another machine that shows no sign of life for dead', async () => {
    heldBy({ space: 'elsewhere' });
    expect(await withLock(file, { ...ignore, silenceMs: 1 }, async () => 'done')).toBe('done');
  });

  it('does not wait for ever, and says for whom', async () => {
    heldBy({ space: 'elsewhere', pid: 7 });
    const waiting = withLock(file, { ...ignore, deadlineMs: 1 }, async () => 'done');
    await expect(waiting).rejects.toMatchObject({
      code: 'ENGINE_INSTALL',
      message: expect.stringContaining('process 7 on box'),
    });
    expect(existsSync(file)).toBe(true);
  });
});

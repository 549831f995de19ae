import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { lastErrorIn, readEnd, tailOf } from './workerLog.js';

const log = `rank 0 of 2
error WORKER_LOST: the first
hint: no matter
error DATA_MISSING: the second
hint: look there
`;

/** A new log of this content; removed when the test is over. */
function written(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-log-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'worker-0.log');
  writeFileSync(file, text);
  return file;
}

describe('the log of a worker', () => {
  it('begins where its process began', () => {
    const file = written(`äöü\n${log}`);
    expect(readEnd(file, Buffer.byteLength('äöü\n'))).toBe(log);
    expect(readEnd(`${file}-not`, 0)).toBe('');
  });

  it('is read at its end only, however much there is', () => {
    const chatter = 'step after step after step\n'.repeat(1_000_000);
    const end = readEnd(written(`${chatter}${log}${chatter.slice(0, 2_700)}`), 0);
    expect(end.length).toBe(65_536);
    expect(lastErrorIn(end)).toEqual({ code: 'DATA_MISSING', text: 'the second' });
    expect(lastErrorIn(chatter)).toBeNull();
  });

  it('tells the last error of known name', () => {
    expect(lastErrorIn(log)).toEqual({ code: 'DATA_MISSING', text: 'the second' });
    expect(lastErrorIn('error NEW_ONE: what')).toEqual({ code: null, text: 'what' });
    expect(lastErrorIn('rank 0 of 2\n')).toBeNull();
  });

  it('ends with its last lines, without those that are empty', () => {
    const lines = Array.from({ length: 20 }, (_, i) => `line ${i}`);
    expect(tailOf(`${lines.join('\n\n')}\n`)).toEqual(lines.slice(-8));
    expect(tailOf('')).toEqual([]);
  });
});

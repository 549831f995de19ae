import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { unsavedRun } from './unsavedRun.js';

let runDir: string;
beforeEach(() => {
  runDir = mkdtempSync(join(tmpdir(), 'unsaved-'));
});
afterEach(() => rmSync(runDir, { recursive: true }));

it('knows under which id a run was begun that was killed before it had saved anything', async () => {
  const write = (text: string): void => writeFileSync(join(runDir, 'run.json'), text);
  expect(await unsavedRun(null)).toBeNull();
  expect(await unsavedRun(runDir)).toBeNull();
  write(JSON.stringify({ runId: 'r1', stoppedBy: null }));
  expect(await unsavedRun(runDir)).toBe('r1');
  // One that came to its end is not waited for.
  write(JSON.stringify({ runId: 'r1', stoppedBy: 'error' }));
  expect(await unsavedRun(runDir)).toBeNull();
  write('{"runId": "r');
  expect(await unsavedRun(runDir)).toBeNull();
});

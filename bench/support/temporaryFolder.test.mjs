import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { benchFolder } from './paths.mjs';

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'])('on %s nothing is left', async (signal) => {
  const script = `
    import { temporaryFolder } from '${join(benchFolder, 'support', 'temporaryFolder.mjs')}';
    console.log([temporaryFolder(), temporaryFolder()].join(' '));
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script]);
  const [line] = await once(child.stdout, 'data');
  const folders = String(line).trim().split(' ');
  expect(folders.map(existsSync)).toEqual([true, true]);
  child.kill(signal);
  await once(child, 'exit');
  expect(folders.map(existsSync)).toEqual([false, false]);
});

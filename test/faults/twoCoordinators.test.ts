import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { start, temporaryFolder } from '../support/lockstep.js';

/** Another host, as far as a process can tell: it has another name. */
const onAnotherHost = ['unshare', '--uts', 'sh', '-c', 'hostname elsewhere; exec "$@"', 'sh'];
const [command = '', ...rest] = onAnotherHost;
const mayRename = spawnSync(command, [...rest, 'true']).status === 0;

/** It waits for workers, and has the run directory meanwhile. */
const coordinate = (run: string, under: readonly string[] = []) =>
  start(
    [
      ...['coordinator', '--listen', 'tcp://127.0.0.1:0', '--workers', '1', '--fallback', 'fail'],
      ...['--run-dir', run, '--resume', 'auto', '--model', 'mlp'],
    ],
    { under },
  );

it('a second coordinator is refused while the first one lives, and not when it was killed', async () => {
  const run = join(temporaryFolder(), 'run');
  const first = coordinate(run);
  await first.until(/Listening/);
  const { code, stderr } = await coordinate(run).ended;
  expect(stderr).toContain('error RUN_DIRECTORY: ');
  expect(stderr).toContain(`is still running, by process ${first.process.pid} on `);
  expect(code).toBe(10);
  first.process.kill('SIGKILL');
  await first.ended;
  const third = coordinate(run);
  await third.until(/Listening/);
  third.process.kill('SIGINT');
  await third.ended;
  expect(existsSync(join(run, 'coordinator.lock'))).toBe(false);
});

it.skipIf(!mayRename)(
  'one on another host is refused when the first one shows that it lives (needs root and unshare)',
  async () => {
    const run = join(temporaryFolder(), 'run');
    const first = coordinate(run);
    await first.until(/Listening/);
    const { code, stderr } = await coordinate(run, onAnotherHost).ended;
    expect(stderr).toContain(': does it live?');
    expect(stderr).toContain(`is still running, by process ${first.process.pid} on `);
    expect(code).toBe(10);
    first.process.kill('SIGINT');
    await first.ended;
  },
);

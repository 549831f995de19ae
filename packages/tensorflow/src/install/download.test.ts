import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { downloadWheel } from './download.js';
import { findPip } from './pip.js';
import { writeTinyWheel } from './wheel.suite.js';

const pip = spawnSync('python3', ['-m', 'pip', '--version']).status === 0;

it.skipIf(!pip)('ends a pip that waits for a silent index (needs python3 with pip)', async () => {
  const root = mkdtempSync(join(tmpdir(), 'download-'));
  const silent = createServer(() => undefined).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  const index = { PIP_INDEX_URL: `http://127.0.0.1:${port}/`, PIP_FIND_LINKS: '' };
  const [wheel] = writeTinyWheel(join(root, 'wheels')).wheels;
  const downloading = downloadWheel(wheel!, {
    pip: await findPip(),
    variables: { ...process.env, ...index, PIP_DEFAULT_TIMEOUT: '600' },
    folder: join(root, 'folder'),
    onBytes: () => undefined,
    stallMs: 1,
  });
  await expect(downloading).rejects.toMatchObject({
    code: 'ENGINE_INSTALL',
    message: expect.stringMatching(/^pip got no byte of lockstep_tiny-1.0/),
  });
  silent.close();
  rmSync(root, { recursive: true });
});

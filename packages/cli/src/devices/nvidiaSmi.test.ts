import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { lookForGpus, parseGpus } from './nvidiaSmi.js';

const mebibyte = 2 ** 20;

describe('what nvidia-smi prints', () => {
  it('is a GPU a line', () => {
    const text =
      '0, NVIDIA H200, 143771, 1, 570.86.15\n1, Tesla V100-SXM2-16GB, 16160, 12, 570.86.15\n';
    expect(parseGpus(text)).toEqual([
      {
        index: 0,
        name: 'NVIDIA H200',
        memoryBytes: 143_771 * mebibyte,
        usedBytes: mebibyte,
        driver: '570.86.15',
      },
      {
        index: 1,
        name: 'Tesla V100-SXM2-16GB',
        memoryBytes: 16_160 * mebibyte,
        usedBytes: 12 * mebibyte,
        driver: '570.86.15',
      },
    ]);
  });

  it.each(['[N/A]', '[Not Supported]', '[Insufficient Permissions]', '[Unknown Error]'])(
    'may leave out memory: %s',
    (nothing) => {
      const [gpu] = parseGpus(`2, NVIDIA GB10, ${nothing}, ${nothing}, ${nothing}\r\n`);
      expect(gpu).toEqual({
        index: 2,
        name: 'NVIDIA GB10',
        memoryBytes: null,
        usedBytes: null,
        driver: null,
      });
    },
  );

  it.each(['', 'No devices were found\n', 'Field "x" is not a valid field to query.\n'])(
    'may be no GPU: %j',
    (text) => expect(parseGpus(text)).toEqual([]),
  );
});

/** A program of this name takes the place of the real one, or of none. */
describe.skipIf(process.platform === 'win32')('nvidia-smi', () => {
  const folders: string[] = [];
  afterEach(() => {
    vi.unstubAllEnvs();
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
  });

  function install(script: string): void {
    const folder = mkdtempSync(join(tmpdir(), 'lockstep-smi-'));
    folders.push(folder);
    writeFileSync(join(folder, 'nvidia-smi'), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, 'nvidia-smi'), 0o755);
    vi.stubEnv('PATH', `${folder}${delimiter}${process.env.PATH}`);
  }

  it('is asked for what is printed', async () => {
    install(`[ "$1" = --query-gpu=index,name,memory.total,memory.used,driver_version ] || exit 2
[ "$2" = --format=csv,noheader,nounits ] && echo '0, NVIDIA H200, 143771, 1, 570.86.15'`);
    const { gpus, problem } = await lookForGpus();
    expect(problem).toBeNull();
    expect(gpus.map(({ name }) => name)).toEqual(['NVIDIA H200']);
  });

  it('says why there is no GPU', async () => {
    install("echo 'No devices were found'; exit 6");
    expect(await lookForGpus()).toEqual({
      gpus: [],
      problem: 'nvidia-smi says: No devices were found',
    });
  });

  it('may not be there', async () => {
    vi.stubEnv('PATH', '/nowhere');
    expect(await lookForGpus()).toEqual({
      gpus: [],
      problem: 'no driver of NVIDIA is installed (there is no nvidia-smi)',
    });
  });
});

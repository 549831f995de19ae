import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LockstepError } from '@lockstep/core';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { example } from './example.suite.js';
import { readModelFile, writeModelFile } from './files.js';
import type { FormatName } from './names.js';
import type { SavedModel } from './savedModel.js';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lockstep-formats-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const fileNames: Readonly<Record<FormatName, string>> = {
  keras: 'model.keras',
  h5: 'model.h5',
  tfjs: 'web/model.json',
  json: 'topology.json',
  safetensors: 'weights.safetensors',
  npz: 'weights.npz',
};
const formats = Object.keys(fileNames) as FormatName[];

async function written(format: FormatName): Promise<string> {
  const file = join(folder, fileNames[format]);
  await writeModelFile(file, example, format);
  return file;
}

async function refusal(path: string): Promise<LockstepError> {
  const thrown: unknown = await readModelFile(path).catch((error: unknown) => error);
  if (!(thrown instanceof LockstepError))
    throw new Error(`read without a LockstepError: ${thrown}`);
  expect(thrown.code).toBe('MODEL_FILE');
  expect(thrown.hint).toBeTruthy();
  return thrown;
}

/** Weights as every format with weights has them. */
const bare = ({ weights }: SavedModel) =>
  weights.map(({ layer, name, shape, values }) => ({ layer, name, shape, values }));

describe('a model in a file', () => {
  it.each(['keras', 'h5'] as const)(
    'comes back whole from %s, optimizer and all',
    async (format) => {
      const read = await readModelFile(await written(format));
      const { topology: _topology, ...rest } = read;
      const { topology: _given, ...wanted } = example;
      expect(rest).toEqual(wanted);
    },
  );

  it.each(['keras', 'h5', 'tfjs', 'json'] as const)('has its topology in %s', async (format) => {
    const { topology } = await readModelFile(await written(format));
    expect(topology!.config).toMatchObject(example.topology!.config);
  });

  it.each(['keras', 'h5', 'tfjs', 'safetensors', 'npz'] as const)(
    'has its weights, bit for bit, in %s',
    async (format) => {
      expect(bare(await readModelFile(await written(format)))).toEqual(bare(example));
    },
  );

  it('is the same file each time', async () => {
    // HDF5 writes down in which second a dataset was made.
    vi.useFakeTimers({ toFake: ['Date'], now: 1_700_000_000_000 });
    onTestFinished(() => void vi.useRealTimers());
    for (const format of ['keras', 'npz', 'safetensors', 'json'] as const) {
      const first = await readFile(await written(format));
      expect(await readFile(await written(format))).toEqual(first);
    }
  });

  it('is read from the folder of a tfjs model', async () => {
    await written('tfjs');
    expect(bare(await readModelFile(join(folder, 'web')))).toEqual(bare(example));
  });
});

describe('a file that is not what it should be', () => {
  it.each(formats)('is named where it is cut short, as %s, wherever that is', async (format) => {
    const file = await written(format);
    const bytes = await readFile(file);
    const cut = join(folder, `cut-${fileNames[format].split('/').at(-1)}`);
    // A JSON text may lose its last line break.
    const most = bytes.length - (format === 'json' || format === 'tfjs' ? 3 : 1);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: most }), async (length) => {
        await writeFile(cut, bytes.subarray(0, length));
        expect((await refusal(cut)).message).toContain(cut);
      }),
      { numRuns: 40 },
    );
  });

  it.each(formats)(
    'is refused or read, but never worse, where bytes of %s differ',
    async (format) => {
      const file = await written(format);
      const bytes = await readFile(file);
      const broken = join(folder, `broken-${fileNames[format].split('/').at(-1)}`);
      const change = fc.tuple(fc.nat({ max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 }));
      await fc.assert(
        fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 8 }), async (changes) => {
          const copy = Uint8Array.from(bytes);
          for (const [at, by] of changes) copy[at]! ^= by;
          await writeFile(broken, copy);
          const outcome: unknown = await readModelFile(broken).catch((error: unknown) => error);
          if (outcome instanceof Error) expect(outcome).toMatchObject({ code: 'MODEL_FILE' });
        }),
        { numRuns: 40 },
      );
    },
  );

  it('is named where the numbers beside model.json are cut short, or gone', async () => {
    await written('tfjs');
    const numbers = join(folder, 'web/model.weights.bin');
    const bytes = await readFile(numbers);
    await writeFile(numbers, bytes.subarray(0, -4));
    expect((await refusal(join(folder, 'web'))).message).toContain('out/bias that is cut short');
    await rm(numbers);
    expect((await refusal(join(folder, 'web'))).message).toContain(`${numbers} cannot be read`);
  });

  it('is named where it is not there, or of no known kind', async () => {
    const { message } = await refusal(join(folder, 'none.keras'));
    expect(message).toContain('none.keras cannot be read: ENOENT');
    expect((await refusal(join(folder, 'model.pt'))).hint).toContain('.safetensors');
  });
});

describe('a model that a format cannot have', () => {
  it('leaves no file behind', async () => {
    const empty = await mkdtemp(join(folder, 'empty-'));
    const weightsOnly = { ...example, topology: null };
    for (const format of ['keras', 'h5', 'tfjs', 'json'] as const) {
      const writing = writeModelFile(join(empty, fileNames[format]), weightsOnly, format);
      await expect(writing).rejects.toMatchObject({
        code: 'MODEL_FILE',
        message: `'small' has weights only, but ${format} needs the topology`,
      });
    }
    const topologyOnly = { ...example, weights: [] };
    for (const format of formats.filter((each) => each !== 'json')) {
      const writing = writeModelFile(join(empty, fileNames[format]), topologyOnly, format);
      await expect(writing).rejects.toMatchObject({
        code: 'MODEL_FILE',
        message: `'small' has a topology only, but ${format} needs the weights`,
      });
    }
    expect(await readdir(empty)).toEqual([]);
  });

  it('is not written where a file is in the way of its folder', async () => {
    const empty = await mkdtemp(join(folder, 'empty-'));
    const file = join(empty, 'file');
    await writeFile(file, 'mine');
    for (const path of [join(file, 'model.keras'), join(file, 'deep', 'model.keras')]) {
      await expect(writeModelFile(path, example, 'keras')).rejects.toMatchObject({
        code: 'RUN_DIRECTORY',
        hint: expect.stringContaining('choose another directory'),
      });
    }
    expect(await readdir(empty)).toEqual(['file']);
  });
});

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { modelHash } from '../model/index.js';
import { decodeCheckpoint } from './decode.js';
import { formatVersion } from './format.js';
import { readers } from './versions.js';

const fixture = (version: number) =>
  fileURLToPath(new URL(`fixtures/version-${version}.ckpt`, import.meta.url));

/** The same in each of them. They are never written anew: that they can be read is what is tested. */
describe.each([...readers.keys()])('a file of format version %i', (version) => {
  const bytes = readFileSync(fixture(version));

  it('is one', () => {
    expect(bytes.readUInt32LE(8)).toBe(version);
  });

  it('can be read', () => {
    const { header, ...tensors } = decodeCheckpoint(bytes, 'x.ckpt');
    expect(tensors).toEqual({
      weights: new Float32Array(10).fill(0.5),
      optimizer: {
        iterations: 20,
        slots: { momentum: new Float32Array(6).fill(1), velocity: new Float32Array(6).fill(2) },
      },
      remembered: new Float32Array(10).fill(-1),
    });
    expect(header).toMatchObject({
      lockstepVersion: '0.1.0',
      createdAt: '2026-01-02T03:04:05.678Z',
      runId: 'run-1',
      cursor: { epoch: 1, step: 20, position: 0 },
      seed: 42,
      learningRate: 0.001,
      epochSums: { loss: { sum: 1.5, count: 3 }, accuracy: { sum: 2, count: 3 } },
      history: [{ epoch: 0, logs: { loss: 0.5, accuracy: 0.75 } }],
      config: { batchSize: 32, callbacks: ['a'] },
      collective: 'ring',
      finished: null,
    });
    expect(modelHash(header.model)).toBe(header.modelHash);
  });
});

it('the version that is written can be read', () => {
  expect(readers.has(formatVersion)).toBe(true);
});

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { missedCudaLibraries } from './cudaLibraries.js';

const root = mkdtempSync(join(tmpdir(), 'lockstep-cuda-'));
afterAll(() => rmSync(root, { recursive: true }));

it('has none for the build without CUDA', () => {
  expect(missedCudaLibraries(join(root, 'cpu', 'tensorflow', 'libtensorflow_cc.so.2'))).toEqual([]);
});

it('names the cuSOLVER beside libtensorflow, and nothing else', () => {
  const folder = join(root, 'cuda', 'nvidia', 'cusolver', 'lib');
  mkdirSync(folder, { recursive: true });
  for (const name of ['libcusolver.so.11', 'libcusolverMg.so.11', 'notes.txt']) {
    writeFileSync(join(folder, name), '');
  }
  const library = join(root, 'cuda', 'tensorflow', 'libtensorflow_cc.so.2');
  expect(missedCudaLibraries(library)).toEqual([join(folder, 'libcusolver.so.11')]);
});

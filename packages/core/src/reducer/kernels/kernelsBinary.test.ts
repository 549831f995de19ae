import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import loadWabt from 'wabt';
import { compressionKernelsBinary } from './compressionKernelsBinary.js';
import { kernelsBinary } from './kernelsBinary.js';

it.each([
  ['kernels.wat', kernelsBinary],
  ['compressionKernels.wat', compressionKernelsBinary],
])('is what %s compiles to; if not, run tools/buildKernels.mjs', async (name, binary) => {
  const source = readFileSync(new URL(name, import.meta.url), 'utf8');
  const wabt = await loadWabt();
  const { buffer } = wabt.parseWat(name, source, { simd: true }).toBinary({});
  expect(Buffer.from(binary)).toEqual(Buffer.from(buffer));
});

import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import loadWabt from 'wabt';
import { kernelsBinary } from './kernelsBinary.js';

it('is what kernels.wat compiles to; if not, run tools/buildKernels.mjs', async () => {
  const source = readFileSync(new URL('kernels.wat', import.meta.url), 'utf8');
  const wabt = await loadWabt();
  const { buffer } = wabt.parseWat('kernels.wat', source, { simd: true }).toBinary({});
  expect(Buffer.from(kernelsBinary)).toEqual(Buffer.from(buffer));
});

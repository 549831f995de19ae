// Compiles the kernels of the all-reduce from WebAssembly text into the module that is checked in.
//   node tools/buildKernels.mjs
import { readFileSync, writeFileSync } from 'node:fs';
import loadWabt from 'wabt';

const folder = new URL('../packages/core/src/reducer/kernels/', import.meta.url);
const source = readFileSync(new URL('kernels.wat', folder), 'utf8');
const wabt = await loadWabt();
const { buffer } = wabt.parseWat('kernels.wat', source, { simd: true }).toBinary({});
const lines = Buffer.from(buffer)
  .toString('base64')
  .match(/.{1,90}/g)
  .map((line) => `  '${line}',`);
writeFileSync(
  new URL('kernelsBinary.ts', folder),
  `/** kernels.wat as WebAssembly, written by tools/buildKernels.mjs. */
export const kernelsBinary: Uint8Array<ArrayBuffer> = Buffer.from(
  [
${lines.map((line) => `  ${line}`).join('\n')}
  ].join(''),
  'base64',
);
`,
);

// Compiles the kernels of the all-reduce from WebAssembly text into the modules that are checked in.
//   node tools/buildKernels.mjs
import { readFileSync, writeFileSync } from 'node:fs';
import loadWabt from 'wabt';

const folder = new URL('../packages/core/src/reducer/kernels/', import.meta.url);
const wabt = await loadWabt();

for (const name of ['kernels', 'compressionKernels']) {
  const source = readFileSync(new URL(`${name}.wat`, folder), 'utf8');
  const { buffer } = wabt.parseWat(`${name}.wat`, source, { simd: true }).toBinary({});
  const lines = Buffer.from(buffer)
    .toString('base64')
    .match(/.{1,90}/g)
    .map((line) => `    '${line}',`);
  writeFileSync(
    new URL(`${name}Binary.ts`, folder),
    `/** ${name}.wat as WebAssembly, written by tools/buildKernels.mjs. */
export const ${name}Binary: Uint8Array<ArrayBuffer> = Buffer.from(
  [
${lines.join('\n')}
  ].join(''),
  'base64',
);
`,
  );
}

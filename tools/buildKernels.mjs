// Compiles the kernels of the all-reduce and of the optimizers from WebAssembly text into the modules that are checked in.
//   node tools/buildKernels.mjs
import { readFileSync, writeFileSync } from 'node:fs';
import loadWabt from 'wabt';

const kernels = [
  '../packages/core/src/reducer/kernels/kernels',
  '../packages/core/src/reducer/kernels/compressionKernels',
  '../packages/worker/src/optimizer/kernels/adam',
];
const wabt = await loadWabt();

for (const path of kernels) {
  const name = path.split('/').at(-1);
  const source = readFileSync(new URL(`${path}.wat`, import.meta.url), 'utf8');
  const { buffer } = wabt.parseWat(`${name}.wat`, source, { simd: true }).toBinary({});
  const lines = Buffer.from(buffer)
    .toString('base64')
    .match(/.{1,90}/g)
    .map((line) => `    '${line}',`);
  writeFileSync(
    new URL(`${path}Binary.ts`, import.meta.url),
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

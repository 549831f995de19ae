// How fast one core does what an all-reduce asks of it, for the simulator's networks (packages/simulator/networks):
// `node bench/costs.mjs`. In time of the processor, not of the clock: what others do meanwhile does not count.
import { weightedAverage } from '@lockstep/core/collective';
import { makeCodec } from '../packages/core/dist/reducer/compression/index.js';
import { KernelMemory } from '../packages/core/dist/reducer/kernels/kernelMemory.js';
import { alignedTable } from './support/table.mjs';

const floatBytes = 4;
/** Elements of the gradient of `deep`, and of what a ring sends at once. */
const [length, chunkLength] = [3_274_634, 131_072];
const [tries, repeats] = [5, 5];

const memory = await KernelMemory.create(20 * length);
const array = memory.allocate(length);
const chunk = memory.allocate(chunkLength);
const residual = memory.allocate(length);
const encoded = new Uint8Array(memory.buffer, memory.take(2 * length), 2 * length);
for (let i = 0; i < length; i++) array[i] = 1e-3 * Math.sin(i);

const rows = [['add', rate(() => eachChunk((own) => memory.scaleBoth(own, own, 0.5, chunk, 1)))]];
for (const compression of ['float16', 'bfloat16']) {
  const codec = await makeCodec(compression, memory);
  const encode = (own, at) =>
    codec.encode(own, bytesOf(at), residual.subarray(at, at + own.length));
  const decodeAdd = (own, at) => codec.decodeAdd(bytesOf(at), own);
  rows.push([`encode ${compression}`, rate(() => eachChunk(encode))]);
  rows.push([`decode ${compression} and add`, rate(() => eachChunk(decodeAdd))]);
}
for (const ranks of [2, 8]) {
  const parts = Array.from({ length: ranks }, () => ({ gradient: array.slice(), samples: 50 }));
  const into = new Float32Array(length);
  rows.push([`average ${ranks} gradients`, rate(() => weightedAverage(parts, into), ranks)]);
}
console.log(alignedTable(['what', 'GB/s of float32'], rows));

/** All whole chunks of the array. */
function eachChunk(work) {
  for (let at = 0; at + chunkLength <= length; at += chunkLength) {
    work(array.subarray(at, at + chunkLength), at);
  }
}

function bytesOf(at) {
  return encoded.subarray(2 * at, 2 * (at + chunkLength));
}

/** Of the best try. */
function rate(work, arrays = 1) {
  work();
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < tries; i++) {
    const begin = process.cpuUsage();
    for (let repeat = 0; repeat < repeats; repeat++) work();
    const { user, system } = process.cpuUsage(begin);
    least = Math.min(least, (user + system) / repeats);
  }
  return ((arrays * length * floatBytes) / least / 1000).toFixed(1);
}

// What our kernels make of TensorFlow.js's wasm backend: images/s of `cnn` in one process on one core, a whole
// step (gradients and Adam), with the stock kernels and with ours, side by side in one run.
//
//   npm run build && node bench/wasmKernels.mjs
//
// Stock lacks Conv2DBackpropFilter; it is given the shortest one there is, so that it can train at all.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { optimizerConfigSchema } from '@lockstep/core';
import { loadDataset } from '@lockstep/core/data';
import { zoo } from '@lockstep/core/model';

const batchSizes = [16, 32, 64, 128];
const rounds = 3;
const secondsPerRound = 2;
const kinds = ['stock', 'ours'];

if (process.send) {
  await measure(process.argv[2]);
} else {
  await compare();
}

async function compare() {
  const results = { stock: {}, ours: {} };
  for (let round = 0; round < rounds; round++) {
    for (const kind of kinds) {
      const rates = await inChild(kind);
      for (const [batchSize, rate] of Object.entries(rates)) {
        results[kind][batchSize] = [...(results[kind][batchSize] ?? []), rate];
      }
    }
  }
  console.log('batch  stock images/s      ours images/s       ratio of medians');
  for (const batchSize of batchSizes) {
    const [stock, ours] = kinds.map((kind) => results[kind][batchSize].sort((a, b) => a - b));
    const ratio = (ours[rounds >> 1] / stock[rounds >> 1]).toFixed(2);
    console.log(`${String(batchSize).padEnd(6)} ${spread(stock)} ${spread(ours)} ${ratio}`);
  }
}

function spread(sorted) {
  const [low, high] = [sorted[0], sorted.at(-1)].map((rate) => rate.toFixed(0));
  return `${sorted[rounds >> 1].toFixed(0)} (${low}-${high})`.padEnd(19);
}

function inChild(kind) {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(import.meta.url), [kind]);
    child.once('message', resolve);
    child.once('exit', (code) => code !== 0 && reject(new Error(`${kind} ended with ${code}`)));
  });
}

async function measure(kind) {
  const engine = kind === 'ours' ? await oursEngine() : await stockEngine();
  const dataset = await loadDataset({ name: 'mnist' });
  const optimizer = optimizerConfigSchema.parse({ name: 'adam' });
  const model = await engine.load(zoo.cnn, { seed: 1, optimizer, imageShape: [28, 28, 1] });
  const rates = {};
  for (const size of batchSizes) {
    const images = dataset.train.images.subarray(0, size * 784);
    const batch = { size, images, labels: dataset.train.labels.subarray(0, size) };
    const moment = { step: 0, position: 0 };
    const step = async () => model.apply((await model.gradients(batch, moment)).gradient, 0.001);
    for (let i = 0; i < 5; i++) await step();
    const times = [];
    const until = performance.now() + secondsPerRound * 1000;
    while (performance.now() < until) {
      const begin = performance.now();
      await step();
      times.push(performance.now() - begin);
    }
    times.sort((a, b) => a - b);
    rates[size] = (1000 * size) / times[times.length >> 1];
  }
  process.send(rates, () => process.exit(0));
}

async function oursEngine() {
  const { createEngine } = await import('@lockstep/worker');
  return createEngine('wasm');
}

async function stockEngine() {
  const tf = await import('@tensorflow/tfjs-core');
  await import('@tensorflow/tfjs-backend-wasm');
  tf.registerKernel({
    kernelName: 'Conv2DBackpropFilter',
    backendName: 'wasm',
    kernelFunc: ({ inputs: { x, dy }, attrs }) => filterGradient(tf, x, dy, attrs.filterShape),
  });
  const { startBackend } = await import('../packages/worker/dist/engine/tfjs/backend.js');
  const { TfjsEngine } = await import('../packages/worker/dist/engine/tfjs/engine.js');
  const { SynchronousNetwork } = await import(
    '../packages/worker/dist/engine/tfjs/synchronousNetwork.js'
  );
  await startBackend('wasm');
  return new TfjsEngine(
    { name: 'wasm', device: 'stock' },
    (built) => new SynchronousNetwork('wasm', built, (tensor) => tensor.dataSync()),
  );
}

/** One matrix product for each place of the filter; stride 1, no padding, which is all that `cnn` needs. */
function filterGradient(tf, x, dy, [height, width, channels, filters]) {
  const [batch, outHeight, outWidth] = dy.shape;
  return tf.tidy(() => {
    const flat = tf.reshape(dy, [-1, filters]);
    const parts = [];
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        const slice = tf.slice(x, [0, row, column, 0], [batch, outHeight, outWidth, channels]);
        parts.push(tf.matMul(tf.reshape(slice, [-1, channels]), flat, true, false));
      }
    }
    return tf.reshape(tf.stack(parts), [height, width, channels, filters]);
  });
}

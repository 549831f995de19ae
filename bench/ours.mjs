// Lockstep as one of the programs that are compared: the protocol is that of bench/peers/harness.py.
//
//   echo | node bench/ours.mjs --engine wasm --model cnn --batch 32
//
// A step is the whole of what a single process does: a batch of the shuffled dataset, gradients, the update, and
// the sums of loss and accuracy. Engines are those of the registry, and `tensorflow-eager`.
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { optimizerConfigSchema } from '@lockstep/core';
import { globalSlice, LocalSamples, loadDataset } from '@lockstep/core/data';
import { zoo } from '@lockstep/core/model';
import { createEngine } from '@lockstep/worker';
import { createEagerEngine } from './support/eagerEngine.mjs';
import { learningRates } from './support/learningRates.mjs';

const seed = 1;
const leastSteps = 3;
const warmUpSeconds = 2;

const { values: options } = parseArgs({
  options: {
    engine: { type: 'string', default: 'auto' },
    model: { type: 'string', default: 'cnn' },
    batch: { type: 'string', default: '32' },
    precision: { type: 'string', default: 'float32' },
    seconds: { type: 'string', default: '2' },
    threads: { type: 'string' },
  },
});
const batch = Number(options.batch);

try {
  await serve();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

async function serve() {
  const engine = await startEngine(options);
  const chosen = options.engine === 'auto' ? engine.description.name : options.engine;
  const name = `Lockstep (${chosen})`;
  const step = await prepare(engine);
  await runSteps(step, warmUpSeconds);
  print({ ready: name, version: `${name}: ${engine.description.device}` });
  for await (const _ of createInterface({ input: process.stdin })) {
    const stepMs = await runSteps(step, Number(options.seconds));
    const { model, precision } = options;
    print({
      peer: name,
      model,
      batch,
      precision,
      imagesPerSecond: (1000 * batch) / stepMs,
      stepMs,
    });
  }
  await engine.dispose();
}

function startEngine({ engine: name, threads }) {
  if (name === 'tensorflow-eager') return createEagerEngine();
  return createEngine(name, threads === undefined ? {} : { threads: Number(threads) });
}

/** The step of a lone rank, as packages/worker/src/trainEpoch.ts has it: the next batch is made meanwhile. */
async function prepare(engine) {
  const spec = zoo[options.model];
  if (spec === undefined) throw new Error(`the zoo has no model '${options.model}'`);
  const dataset = await loadDataset({ name: 'mnist' });
  const optimizer = optimizerConfigSchema.parse({ name: 'adam' });
  const { imageShape } = dataset.description;
  const model = await engine.load(spec, {
    seed,
    optimizer,
    precision: options.precision,
    imageShape,
  });
  const learningRate = learningRates[options.model];
  const nextBatch = batchesOf(dataset);
  let next = nextBatch();
  let step = 0;

  return async () => {
    const { rows, position } = await next;
    const stepping = model.step(rows, { step, position }, learningRate);
    next = nextBatch();
    step += 1;
    await stepping;
  };
}

/** One batch after another of one shuffled epoch after another; a short one at the end is left out. */
function batchesOf(dataset) {
  const samples = new LocalSamples(dataset, seed);
  const { trainSize } = dataset.description;
  let [epoch, end] = [0, 0];
  return async () => {
    if (end + batch > trainSize) [epoch, end] = [epoch + 1, 0];
    const range = globalSlice(end, trainSize, batch);
    end = range.end;
    return { rows: await samples.train(epoch, range), position: range.begin };
  };
}

/** @returns milliseconds a step */
async function runSteps(step, seconds) {
  const begin = performance.now();
  let done = 0;
  while (done < leastSteps || performance.now() - begin < seconds * 1000) {
    await step();
    done += 1;
  }
  return (performance.now() - begin) / done;
}

function print(line) {
  console.log(JSON.stringify(line));
}

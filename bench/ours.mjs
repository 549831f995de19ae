// Lockstep as one of the programs that are compared: the protocol is that of bench/peers/harness.py.
//
//   echo | node bench/ours.mjs --engine wasm --model cnn --batch 32
//
// A step is the whole of what a single process does: a batch of the shuffled dataset, gradients, the update.
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { optimizerConfigSchema } from '@lockstep/core';
import { globalSlice, LocalSamples, loadDataset } from '@lockstep/core/data';
import { zoo } from '@lockstep/core/model';
import { createEngine } from '@lockstep/worker';

const seed = 1;
const leastSteps = 3;
const warmUpSeconds = 2;
const learningRates = { cnn: 0.001, deep: 0.0001 };

const { values: options } = parseArgs({
  options: {
    engine: { type: 'string', default: 'auto' },
    model: { type: 'string', default: 'cnn' },
    batch: { type: 'string', default: '32' },
    precision: { type: 'string', default: 'float32' },
    seconds: { type: 'string', default: '2' },
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
  const engine = await createEngine(options.engine);
  const name = `Lockstep (${engine.description.name})`;
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

/** The step of a single process, as packages/worker/src/trainStep.ts has it, without a coordinator. */
async function prepare(engine) {
  const spec = zoo[options.model];
  if (spec === undefined) throw new Error(`the zoo has no model '${options.model}'`);
  if (options.precision !== 'float32')
    throw new Error(`no engine computes in ${options.precision}`);
  const dataset = await loadDataset({ name: 'mnist' });
  const { trainSize, imageShape } = dataset.description;
  const samples = new LocalSamples(dataset, seed);
  const optimizer = optimizerConfigSchema.parse({ name: 'adam' });
  const model = await engine.load(spec, { seed, optimizer, imageShape });
  const learningRate = learningRates[options.model];
  let [step, epoch, position] = [0, 0, 0];

  return async () => {
    if (position + batch > trainSize) [epoch, position] = [epoch + 1, 0];
    const rows = await samples.train(epoch, globalSlice(position, trainSize, batch));
    const { gradient } = await model.gradients(rows, { step, position });
    await model.apply(gradient, learningRate);
    step += 1;
    position += batch;
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

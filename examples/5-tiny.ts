/**
 * System 5: the inspected network.
 *
 *     npm run example examples/5-tiny.ts
 *
 * Conv2D(3, 3x3, relu) - MaxPooling2D(2) - Flatten - Dense(100, relu) - Dense(10, softmax): 51,840 parameters. Adam at
 * 0.01, batches of 4,096, 30 epochs, validated on the 10,000 test images.
 */
import { join } from 'node:path';
import { lockstep, train } from '@lockstep/cli';
import { reduced } from './reduced.js';

// What there is to compute with.
await lockstep('devices');

// What there is to learn from: shapes, types, ranges, how many of each class, and the first images.
await lockstep('data', 'inspect', '--dataset', 'mnist', '--show', '2');

// The model before it is trained: layers, output shapes, parameters.
await lockstep('summary', '--model', 'tiny');

const settings = {
  model: 'tiny',
  optimizer: { name: 'adam', learningRate: 0.01 },
  workers: 2,
  batchSize: 4096,
  epochs: 30,
  targetAccuracy: null,
  validationData: 'test',
  // One seed for weights, order and dropout, and nothing decided by what was measured.
  seed: 42,
  deterministic: true,
  ...reduced(),
} as const;

const { directory, record } = await train({ ...settings, verbose: 1 }).result;

// The tail of the history; its curves are in report.html in the run's directory, with all that follows.
await lockstep('history', directory, '--last', '5');
await lockstep('evaluate', directory);

// Pictures as files: the layers, and what each of them makes of the first test image; then the weights, for NumPy.
await lockstep('plot-model', directory, '--output', join(directory, 'model.svg'));
await lockstep('inspect', directory, '--image', '0');
await lockstep('export', directory, '--output', join(directory, 'weights.npz'));

// The same seed once more: the weights are the same to the bit.
const again = await train({ ...settings, report: false }).result;
console.log(`weights of the two runs: ${record.weightsSha256}, ${again.record.weightsSha256}`);
if (record.weightsSha256 !== again.record.weightsSha256) throw new Error('the two runs differ');

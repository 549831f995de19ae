/**
 * System 5: the inspected network.
 *
 *     npm run example examples/5-tiny.ts
 *
 * Conv2D(3, 3x3, relu) - MaxPooling2D(2) - Flatten - Dense(100, relu) - Dense(10, softmax): 51,840 parameters. Adam at
 * 0.01, batches of 4,096, 30 epochs, validated on the 10,000 test images.
 */
import { lockstep, train } from '@lockstep/cli';
import { reduced } from './reduced.js';

// What there is to compute with.
await lockstep('devices');

// What there is to learn from: shapes, types, ranges, how many of each class, and the first images.
await lockstep('data', 'inspect', '--dataset', 'mnist', '--show', '2');

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

const { record, history } = await train({ ...settings, verbose: 1 }).result;
console.table(history.slice(-5));

// The same seed once more: the weights are the same to the bit.
const again = await train(settings).result;
console.log(`weights of the two runs: ${record.weightsSha256}, ${again.record.weightsSha256}`);
if (record.weightsSha256 !== again.record.weightsSha256) throw new Error('the two runs differ');

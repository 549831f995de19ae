/**
 * System 2: the layer API. A network of your own, compiled, fitted, evaluated, saved, loaded, used and fitted further.
 *
 *     npm run example examples/2-layers.ts
 */
import { join } from 'node:path';
import { type CreateModel, lockstep, openRun, train } from '@lockstep/cli';
import { reduced } from './reduced.js';

/** Layers, activations and initializers go by Keras's names; the first layer says what goes in. */
const layers: CreateModel = (tf) =>
  tf.sequential({
    layers: [
      tf.layers.conv2d({
        inputShape: [28, 28, 1],
        filters: 8,
        kernelSize: 5,
        strides: 2,
        padding: 'same',
        activation: 'relu',
      }),
      tf.layers.maxPooling2d({ poolSize: 2, strides: 2, padding: 'valid' }),
      tf.layers.conv2d({ filters: 16, kernelSize: 3, padding: 'same' }),
      tf.layers.activation({ activation: 'relu' }),
      tf.layers.averagePooling2d({ poolSize: 2, padding: 'same' }),
      tf.layers.flatten(),
      tf.layers.dropout({ rate: 0.25 }),
      tf.layers.dense({ units: 10, activation: 'softmax' }),
    ],
  });

const fitted = await train({
  model: layers,
  loss: 'categorical_crossentropy',
  optimizer: { name: 'rmsprop', learningRate: 0.002 },
  metrics: ['top_k_categorical_accuracy'],
  workers: 2,
  batchSize: 64,
  epochs: 3,
  verbose: 2,
  ...reduced(),
}).result;

// A run's directory holds the whole model: topology, weights and the optimizer's state. Another process can open it.
const model = await openRun(fitted.directory);
console.log('evaluated:', await model.evaluate());
const blank = new Uint8Array(28 * 28);
const [outputs] = await model.predict(blank);
console.log('an empty image gives', [...outputs!].map((value) => value.toFixed(3)).join(' '));
await model.dispose();

// The topology alone, and the whole model in a file that Keras opens, too.
await lockstep('export', fitted.directory, '--output', join(fitted.directory, 'model.json'));
const file = join(fitted.directory, 'model.h5');
await lockstep('export', fitted.directory, '--output', file);

// Loaded from it, with its optimizer, it goes on as if it had never stopped.
const { message, record } = await train({
  initFrom: file,
  workers: 2,
  batchSize: 64,
  ...reduced(),
  steps: fitted.record.steps + 10,
  verbose: 2,
}).result;
console.log(`${message} Test accuracy: ${record.test?.accuracy}`);

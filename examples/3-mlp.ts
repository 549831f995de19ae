/**
 * System 3: a multilayer perceptron with validation.
 *
 *     npm run example examples/3-mlp.ts
 *
 * 48,000 images to train, the last 12,000 of the training images to validate after each epoch, and the 10,000 test
 * images at the end.
 */
import { openRun, showDigit, train } from '@lockstep/cli';
import { reduced } from './reduced.js';

const run = train({
  model: 'mlp',
  loss: 'categorical_crossentropy',
  optimizer: 'adam',
  workers: 2,
  batchSize: 32,
  epochs: 20,
  validationSplit: 0.2,
  // All twenty epochs, however good it is.
  targetAccuracy: null,
  ...reduced(),
});

// What happens comes as events, in the order in which it happens.
for await (const event of run) {
  if (event.news === 'joined') console.log(`worker ${event.joined}: ${event.member.device}`);
  if (event.news === 'epoch') {
    const { loss, accuracy, val_loss, val_accuracy } = event.record.logs;
    console.log(`epoch ${event.record.epoch + 1}:`, { loss, accuracy, val_loss, val_accuracy });
  }
}

const { directory, record } = await run.result;
console.log('test:', record.test);

// Predict, arg max, and the image itself.
const model = await openRun(directory);
const { test } = await model.samples();
const image = test.images.subarray(0, 28 * 28);
const [outputs] = await model.predict(image);
console.log(showDigit(image));
console.log(`label ${test.labels[0]}, predicted ${outputs!.indexOf(Math.max(...outputs!))}`);
await model.dispose();

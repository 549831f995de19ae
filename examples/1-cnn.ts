/**
 * System 1: the CNN that stops at 99.5 %.
 *
 *     npm run example examples/1-cnn.ts
 *     npm run example examples/1-cnn.ts fashion-mnist
 *
 * Conv2D(32, 3x3, relu) - MaxPooling2D(2) - Flatten - Dense(128, relu) - Dense(10, softmax): 693,962 parameters, trained
 * by Adam with batches of 32 on two workers of this machine, for ten epochs at most.
 */
import { type Callback, train } from '@lockstep/cli';
import { reduced } from './reduced.js';

/** Looks at the accuracy of the whole cluster when an epoch ends; what it returns holds for all workers. */
const stopAtTarget: Callback = {
  name: 'StopAtTarget',
  onEpochEnd: (_epoch, logs) =>
    logs.accuracy! > 0.995
      ? { stop: { message: 'Reached 99.5% accuracy so cancelling training!' } }
      : undefined,
};

const run = train({
  model: 'cnn',
  dataset: process.argv.includes('fashion-mnist') ? 'fashion-mnist' : 'mnist',
  workers: 2,
  batchSize: 32,
  epochs: 10,
  // The same as --target-accuracy 0.995, which is the default; here it is done by hand.
  targetAccuracy: null,
  callbacks: [stopAtTarget],
  // The progress bar of the command line: one line per epoch where there is no terminal.
  verbose: 1,
  ...reduced(),
});

const { message, history, record } = await run.result;
console.log(`${message} After ${history.length} epochs: test accuracy ${record.test?.accuracy}`);

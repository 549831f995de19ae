import { type OptimizerConfig, optimizerConfigSchema, optimizerNames } from '@lockstep/core';
import type { ModelSpec } from '@lockstep/core/model';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createCpuEngine } from '../cpu/cpu.js';
import type { Engine } from '../engine.js';
import { relativeDifference, syntheticBatch } from '../examples.suite.js';
import { differencesFromEager, type Training } from './agreement.suite.js';
import { describeWithLibrary } from './library.suite.js';
import { createTensorflowEngine } from './tensorflow.js';

type Layer = { readonly class_name: string; readonly config: Record<string, unknown> };
type Shape = readonly [number, number, number];

const imageShape: Shape = [8, 8, 1];
const classes = 3;

const activation = fc.constantFrom(
  'relu',
  'sigmoid',
  'tanh',
  'elu',
  'relu6',
  'selu',
  'softplus',
  'softsign',
  'swish',
  'linear',
);
const penalty = fc.constantFrom(0, 0.01, 0.1);
const weights = fc.record({
  activation,
  use_bias: fc.boolean(),
  kernel_regularizer: fc.option(
    fc.record({
      class_name: fc.constant('L1L2'),
      config: fc.record({ l1: penalty, l2: penalty }),
    }),
  ),
});
const square = fc.integer({ min: 1, max: 3 }).map((size) => [size, size]);
/** A window of 3 need not fit into what earlier layers left. */
const window = { strides: fc.constantFrom([1, 1], [2, 2]), padding: fc.constant('same') };
const unpadded = fc.constantFrom('same', 'valid');

const layer = (class_name: string, config: fc.Arbitrary<Record<string, unknown>>) =>
  config.map((given): Layer => ({ class_name, config: given }));

const convolution = (padding: fc.Arbitrary<string>) =>
  layer(
    'Conv2D',
    fc
      .tuple(
        weights,
        fc.record({
          ...window,
          padding,
          filters: fc.integer({ min: 1, max: 4 }),
          kernel_size: square,
        }),
      )
      .map(([one, other]) => ({ ...one, ...other })),
  );
const pooling = (name: string, padding: string) =>
  layer(name, fc.record({ ...window, padding: fc.constant(padding), pool_size: square }));
const noise = layer('Dropout', fc.record({ rate: fc.constantFrom(0, 0.25, 0.5) }));
const bend = layer('Activation', fc.record({ activation }));
const dense = layer(
  'Dense',
  fc
    .tuple(weights, fc.record({ units: fc.integer({ min: 1, max: 6 }) }))
    .map(([one, other]) => ({ ...one, ...other })),
);

const models = fc
  .tuple(
    fc.array(fc.oneof(convolution(unpadded), pooling('AveragePooling2D', 'valid')), {
      maxLength: 1,
    }),
    fc.array(
      fc.oneof(
        convolution(fc.constant('same')),
        pooling('MaxPooling2D', 'same'),
        pooling('AveragePooling2D', 'same'),
        noise,
        bend,
      ),
      { maxLength: 3 },
    ),
    fc.array(fc.oneof(dense, noise, bend), { maxLength: 3 }),
  )
  .map(([first, images, rows]): ModelSpec => {
    const out = { class_name: 'Dense', config: { units: classes, activation: 'softmax' } };
    const all = [...first, ...images, { class_name: 'Flatten', config: {} }, ...rows, out];
    const layers = all.map(({ class_name, config }, i) => ({
      class_name,
      config: {
        ...config,
        name: `layer_${i}`,
        ...(i === 0 ? { batch_input_shape: [null, ...imageShape] } : {}),
      },
    }));
    return {
      name: 'random',
      loss: 'sparse_categorical_crossentropy',
      topology: { class_name: 'Sequential', config: { name: 'random', layers } },
    };
  });

const trainings = fc
  .record({
    spec: models,
    optimizer: fc
      .constantFrom(...optimizerNames)
      .map((name): OptimizerConfig => optimizerConfigSchema.parse({ name, learningRate: 0.01 })),
    size: fc.integer({ min: 1, max: 9 }),
  })
  .map(
    ({ size, ...rest }): Training => ({
      ...rest,
      imageShape,
      steps: 3,
      batch: (step) => syntheticBatch(size, step, imageShape[0], classes),
    }),
  );

/**
 * The backend `cpu` of TensorFlow.js divides the gradient of a padded average by the whole window, where the
 * average itself counts what lies inside: the two do not fit together.
 */
const isRightInJavaScript = ({ spec }: Training): boolean =>
  !(spec.topology.config.layers as Layer[]).some(
    ({ class_name, config }) => class_name === 'AveragePooling2D' && config.padding === 'same',
  );

/** Always the same models: what rounding does at the jumps of some relu must not decide over a release. */
const runs = { numRuns: 20, seed: 4 };

describeWithLibrary('captured, random models', () => {
  let [engine, cpu]: (Engine | undefined)[] = [];
  beforeAll(async () => {
    engine = await createTensorflowEngine({ automatic: false });
    cpu = await createCpuEngine();
  });
  afterAll(async () => {
    await engine!.dispose();
    await cpu!.dispose();
  });

  it('agree with the same functions run op by op', async () => {
    await fc.assert(
      fc.asyncProperty(trainings, async (training) => {
        const { loss, gradient } = await differencesFromEager(engine!, training);
        expect(loss).toBeLessThan(1e-5);
        expect(gradient).toBeLessThan(1e-5);
      }),
      runs,
    );
  });

  it('agree with plain JavaScript in loss, gradient and predictions, and go on from each other', async () => {
    await fc.assert(
      fc.asyncProperty(
        trainings.filter(isRightInJavaScript),
        async ({ spec, optimizer, steps, batch }) => {
          const options = { seed: 2, optimizer, imageShape };
          const [captured, plain] = [
            await engine!.load(spec, options),
            await cpu!.load(spec, options),
          ];
          for (let step = 0; step < steps; step++) {
            const moment = { step, position: 10 };
            // A gradient of almost 0 is a step of any direction to Adam: the next ones would be others.
            await plain.writeState(await captured.readState());
            const expected = (await plain.gradients(batch(step), moment)).gradient.slice();
            const { gradient } = await captured.gradients(batch(step), moment);
            for (const { offset, length } of plain.parameters) {
              const found = gradient.subarray(offset, offset + length);
              const wanted = expected.subarray(offset, offset + length);
              if (wanted.some((value) => Math.abs(value) > 1e-6)) {
                expect(relativeDifference(found, wanted)).toBeLessThan(1e-4);
              }
            }
            const losses = [];
            for (const model of [captured, plain]) {
              const sums = await model.step(batch(step), moment, optimizer.learningRate);
              losses.push(sums.loss!.sum / sums.loss!.count);
            }
            expect(Math.abs(losses[0]! - losses[1]!)).toBeLessThan(1e-4 * losses[1]!);
            const predicted = await captured.predict(batch(step));
            expect(relativeDifference(predicted, await plain.predict(batch(step)))).toBeLessThan(
              1e-3,
            );
          }
          captured.dispose();
          plain.dispose();
        },
      ),
      runs,
    );
  });
});

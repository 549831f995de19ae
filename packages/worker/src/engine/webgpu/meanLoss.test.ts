import '@tensorflow/tfjs-backend-cpu';
// It brings the gradients of all operations, as in the engine.
import '@tensorflow/tfjs-layers';
import { grad, type Scalar, type Tensor2D, tensor2d, tidy } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { lossByName } from '../../loss/index.js';
import { startBackend } from '../tfjs/backend.js';
import { meanLossByName } from './meanLoss.js';

beforeAll(() => startBackend('cpu'));

const batches = fc
  .record({ size: fc.integer({ min: 1, max: 5 }), classes: fc.integer({ min: 1, max: 6 }) })
  .chain(({ size, classes }) =>
    fc.record({
      classes: fc.constant(classes),
      labels: fc
        .array(fc.integer({ min: 0, max: classes - 1 }), { minLength: size, maxLength: size })
        .map((values) => Uint8Array.from(values)),
      logits: fc
        .array(fc.float({ min: -300, max: 300, noNaN: true }), {
          minLength: size * classes,
          maxLength: size * classes,
        })
        .map((values) => Float32Array.from(values)),
    }),
  );

it('has the value and the gradient of the loss on the host, large logits included', () => {
  const [loss, meanLoss] = [
    lossByName('sparse_categorical_crossentropy'),
    meanLossByName('sparse_categorical_crossentropy'),
  ];
  fc.assert(
    fc.property(batches, ({ classes, labels, logits }) => {
      const expected = new Float32Array(logits.length);
      const sums = loss.compute(logits, labels, classes, expected);
      tidy(() => {
        const given = tensor2d(logits, [labels.length, classes]);
        const mean = (values: Tensor2D): Scalar => meanLoss(values, labels);
        const value = mean(given).dataSync()[0]!;
        const wanted = sums.loss / labels.length;
        expect(Math.abs(value - wanted)).toBeLessThan(1e-4 * Math.max(1, wanted));
        const slopes = grad((values) => mean(values as Tensor2D))(given).dataSync<'float32'>();
        for (const [i, slope] of slopes.entries()) {
          expect(Math.abs(slope - expected[i]!)).toBeLessThan(1e-4);
        }
      });
    }),
  );
});

it('refuses a loss that it does not have', () => {
  expect(() => meanLossByName('hinge')).toThrowError(/'webgpu' has no loss 'hinge'/);
});

import '@tensorflow/tfjs-backend-cpu';
// It brings the gradients of all operations, as in the engines.
import '@tensorflow/tfjs-layers';
import { lossNames } from '@lockstep/core/model';
import { grad, mean, type Scalar, type Tensor2D, tensor2d, tidy } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { startBackend } from '../engine/tfjs/backend.js';
import { outputsOf, outputTensorOf } from './heads.js';
import { checkLabels } from './labels.js';
import type { Head } from './loss.js';
import { lossByName } from './registry.js';
import { targetsOf } from './targets.js';

beforeAll(() => startBackend('cpu'));

/** @param largest score */
const batches = (largest: number, fewestUnits = 1) =>
  fc
    .record({
      size: fc.integer({ min: 1, max: 5 }),
      units: fc.integer({ min: fewestUnits, max: 6 }),
    })
    .chain(({ size, units }) =>
      fc.record({
        units: fc.constant(units),
        labels: fc
          .array(fc.integer({ min: 0, max: units - 1 }), { minLength: size, maxLength: size })
          .map((values) => Uint8Array.from(values)),
        scores: fc
          .array(fc.float({ min: -largest, max: largest, noNaN: true }), {
            minLength: size * units,
            maxLength: size * units,
          })
          .map((values) => Float32Array.from(values)),
      }),
    );

describe.each(lossNames)('%s', (name) => {
  const loss = lossByName(name);
  // Of a single unit softmax is 1, whatever its score; buildModel refuses it.
  const fewestUnits = loss.head === 'softmax' ? 2 : 1;

  it('has the gradient that numeric differentiation finds', () => {
    fc.assert(
      fc.property(batches(8, fewestUnits), ({ units, labels, scores }) => {
        const gradient = new Float32Array(scores.length);
        loss.compute(scores, labels, units, gradient);
        for (let i = 0; i < scores.length; i++) {
          const at = (offset: number) => {
            const moved = scores.slice();
            moved[i]! += offset;
            return { z: moved[i]!, loss: loss.compute(moved, labels, units) };
          };
          const [above, below] = [at(1 / 128), at(-1 / 128)];
          const slope = (above.loss - below.loss) / (above.z - below.z) / labels.length;
          expect(gradient[i]).toBeCloseTo(slope, 3);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('has one value and one gradient in both forms, large scores included', () => {
    fc.assert(
      fc.property(batches(300, fewestUnits), ({ units, labels, scores }) => {
        const expected = new Float32Array(scores.length);
        const wanted = loss.compute(scores, labels, units, expected) / labels.length;
        tidy(() => {
          const given = tensor2d(scores, [labels.length, units]);
          const targets = tensor2d(targetsOf(labels, units), [labels.length, units]);
          const average = (values: Tensor2D): Scalar => mean(loss.perSample(values, targets));
          const value = average(given).dataSync()[0]!;
          expect(Math.abs(value - wanted)).toBeLessThan(1e-4 * Math.max(1, wanted));
          const slopes = grad((values) => average(values as Tensor2D))(given).dataSync<'float32'>();
          for (const [i, slope] of slopes.entries()) {
            expect(Math.abs(slope - expected[i]!)).toBeLessThan(
              1e-4 * Math.max(1, Math.abs(slope)),
            );
          }
        });
      }),
    );
  });
});

it('cross-entropies stay finite where probabilities underflow', () => {
  const scores = Float32Array.of(1000, -1000);
  expect(lossByName('categorical_crossentropy').compute(scores, Uint8Array.of(1), 2)).toBe(2000);
  expect(lossByName('binary_crossentropy').compute(scores, Uint8Array.of(1), 2)).toBe(1000);
});

describe('heads', () => {
  it('give outputs of softmax that sum to 1', () => {
    fc.assert(
      fc.property(batches(8), ({ units, scores }) => {
        const outputs = outputsOf('softmax', scores, units);
        for (let row = 0; row < outputs.length; row += units) {
          const sum = outputs.subarray(row, row + units).reduce((a, b) => a + b, 0);
          expect(sum).toBeCloseTo(1, 5);
        }
      }),
      { numRuns: 50 },
    );
  });

  it.each(['softmax', 'sigmoid', 'linear'] satisfies Head[])('%s is one in both forms', (head) => {
    fc.assert(
      fc.property(batches(300), ({ units, scores }) => {
        const given = () => tensor2d(scores, [scores.length / units, units]);
        const tensors = tidy(() => outputTensorOf(head, given()).dataSync<'float32'>().slice());
        const host = outputsOf(head, scores, units);
        for (const [i, value] of tensors.entries()) expect(host[i]).toBeCloseTo(value, 5);
      }),
      { numRuns: 50 },
    );
  });
});

describe('names', () => {
  it.each([
    ['mse', 'mean_squared_error'],
    ['meanSquaredError', 'mean_squared_error'],
    ['SparseCategoricalCrossentropy', 'sparse_categorical_crossentropy'],
  ])('%s is %s', (given, name) => {
    expect(lossByName(given).name).toBe(name);
  });

  it('are refused where they are unknown', () => {
    expect(() => lossByName('hinge')).toThrowError(/no loss 'hinge'/);
  });
});

describe('checkLabels', () => {
  const refused = (name: string, label: number, units: number) => () =>
    checkLabels(Uint8Array.of(0, label), lossByName(name), units);

  it('refuses labels that the model has no output for', () => {
    expect(refused('categorical_crossentropy', 1, 2)).not.toThrow();
    expect(refused('categorical_crossentropy', 2, 2)).toThrowError(/label 2.*only 2 classes/);
  });

  it('takes 0 and 1 for a single unit, and any number for a mean squared error of one', () => {
    expect(refused('binary_crossentropy', 1, 1)).not.toThrow();
    expect(refused('binary_crossentropy', 2, 1)).toThrowError(/label 2.*only 2 classes/);
    expect(refused('mean_squared_error', 9, 1)).not.toThrow();
    expect(refused('mean_squared_error', 9, 3)).toThrowError(/label 9.*only 3 classes/);
  });
});

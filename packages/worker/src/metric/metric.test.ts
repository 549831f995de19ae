import '@tensorflow/tfjs-backend-cpu';
import { metricNames } from '@lockstep/core/model';
import { tensor1d, tensor2d, tidy } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { startBackend } from '../engine/tfjs/backend.js';
import { targetsOf } from '../loss/index.js';
import { metricsByName } from './registry.js';

beforeAll(() => startBackend('cpu'));

/** Scores from few values, so that many of them are equal, or just on the border. */
const batches = fc
  .record({ size: fc.integer({ min: 1, max: 6 }), units: fc.integer({ min: 2, max: 9 }) })
  .chain(({ size, units }) =>
    fc.record({
      units: fc.constant(units),
      labels: fc.array(fc.integer({ min: 0, max: units - 1 }), {
        minLength: size,
        maxLength: size,
      }),
      scores: fc.array(fc.constantFrom(0, 0.25, 0.5, 0.75, 1), {
        minLength: size * units,
        maxLength: size * units,
      }),
    }),
  );

it.each(metricNames)('%s is one in both forms, with equal scores', (name) => {
  fc.assert(
    fc.property(batches, ({ units, ...given }) => {
      const labels = Uint8Array.from(given.labels);
      const scores = Float32Array.from(given.scores);
      const metric = metricsByName([name], units).at(-1)!;
      expect(metric.name).toBe(name);
      const onHost = metric.sum({ scores, outputs: scores, labels, units });
      const asTensor = tidy(() => {
        const shape: [number, number] = [labels.length, units];
        const values = tensor2d(scores, shape);
        const targets = tensor2d(targetsOf(labels, units), shape);
        const classes = tensor1d(given.labels, 'int32');
        return metric.sumTensor({ scores: values, outputs: values, labels: classes, targets });
      }).dataSync()[0]!;
      expect(asTensor).toBeCloseTo(onHost, 4);
    }),
    { numRuns: 50 },
  );
});

it('counts the first of equal outputs as the answer', () => {
  const [accuracy] = metricsByName([], 2);
  const scored = (label: number) => ({
    scores: Float32Array.of(1, 1),
    outputs: Float32Array.of(1, 1),
    labels: Uint8Array.of(label),
    units: 2,
  });
  expect(accuracy!.sum(scored(0))).toBe(1);
  expect(accuracy!.sum(scored(1))).toBe(0);
});

it('measures each once, accuracy always, and what Keras takes it for', () => {
  const names = (given: string[], units: number) =>
    metricsByName(given, units).map(({ name }) => name);
  expect(names(['acc', 'binaryAccuracy', 'binary_accuracy'], 3)).toEqual([
    'accuracy',
    'binary_accuracy',
  ]);
  const [single] = metricsByName([], 1);
  const outputs = Float32Array.of(0.4, 0.6);
  expect(single!.sum({ scores: outputs, outputs, labels: Uint8Array.of(0, 1), units: 1 })).toBe(2);
  expect(() => metricsByName(['f1'], 3)).toThrowError(/no metric 'f1'/);
});

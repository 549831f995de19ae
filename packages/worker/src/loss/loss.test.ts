import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkLabels } from './labels.js';
import { lossByName } from './registry.js';

const loss = lossByName('sparse_categorical_crossentropy');

const batches = fc
  .record({ size: fc.integer({ min: 1, max: 5 }), classes: fc.integer({ min: 1, max: 6 }) })
  .chain(({ size, classes }) =>
    fc.record({
      classes: fc.constant(classes),
      labels: fc
        .array(fc.integer({ min: 0, max: classes - 1 }), { minLength: size, maxLength: size })
        .map((values) => Uint8Array.from(values)),
      logits: fc
        .array(fc.float({ min: -8, max: 8, noNaN: true }), {
          minLength: size * classes,
          maxLength: size * classes,
        })
        .map((values) => Float32Array.from(values)),
    }),
  );

describe('sparse_categorical_crossentropy', () => {
  it('gives the values of Keras', () => {
    // keras.losses.sparse_categorical_crossentropy([0, 2], [[2, 1, 0.1], [0, 3, -1]], from_logits=True)
    const logits = Float32Array.of(2, 1, 0.1, 0, 3, -1);
    const { loss: sum, correct } = loss.compute(logits, Uint8Array.of(0, 2), 3);
    expect(sum).toBeCloseTo(0.41702995 + 4.065884, 5);
    expect(correct).toBe(1);
  });

  it('stays finite where probabilities underflow', () => {
    const logits = Float32Array.of(1000, -1000);
    expect(loss.compute(logits, Uint8Array.of(1), 2).loss).toBe(2000);
    expect([...loss.outputs(logits, 2)]).toEqual([1, 0]);
  });

  it('counts the first of equal logits as the answer', () => {
    const logits = Float32Array.of(1, 1);
    expect(loss.compute(logits, Uint8Array.of(0), 2).correct).toBe(1);
    expect(loss.compute(logits, Uint8Array.of(1), 2).correct).toBe(0);
  });

  it('has the gradient that numeric differentiation finds', () => {
    fc.assert(
      fc.property(batches, ({ classes, labels, logits }) => {
        const gradient = new Float32Array(logits.length);
        loss.compute(logits, labels, classes, gradient);
        for (let i = 0; i < logits.length; i++) {
          const at = (offset: number) => {
            const moved = logits.slice();
            moved[i]! += offset;
            return { z: moved[i]!, loss: loss.compute(moved, labels, classes).loss };
          };
          const [above, below] = [at(1 / 128), at(-1 / 128)];
          const slope = (above.loss - below.loss) / (above.z - below.z) / labels.length;
          expect(gradient[i]).toBeCloseTo(slope, 4);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('gives outputs that sum to 1', () => {
    fc.assert(
      fc.property(batches, ({ classes, logits }) => {
        const outputs = loss.outputs(logits, classes);
        for (let row = 0; row < outputs.length; row += classes) {
          const sum = outputs.subarray(row, row + classes).reduce((a, b) => a + b, 0);
          expect(sum).toBeCloseTo(1, 5);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('refuses labels that the model has no output for', () => {
    expect(() => checkLabels(Uint8Array.of(0, 1, 0), 2)).not.toThrow();
    expect(() => checkLabels(Uint8Array.of(0, 2), 2)).toThrowError(/label 2.*only 2 classes/);
  });

  it('is refused by name where it is unknown', () => {
    expect(() => lossByName('hinge')).toThrowError(/no loss 'hinge'/);
  });
});

import { describe, expect, it } from 'vitest';
import { TargetAccuracy } from './targetAccuracy.js';

describe('TargetAccuracy', () => {
  it('stops above the target, not at it, with the sentence of the tutorial', () => {
    const callback = new TargetAccuracy({ target: 0.995 });
    expect(callback.onEpochEnd(0, { accuracy: 0.995 })).toBeUndefined();
    expect(callback.onEpochEnd(1, { accuracy: Number.NaN })).toBeUndefined();
    expect(callback.onEpochEnd(2, { accuracy: 0.9951, val_accuracy: 0.5 })).toEqual({
      stop: { message: 'Reached 99.5% accuracy so cancelling training!' },
    });
  });

  it('looks at another metric when asked to', () => {
    const callback = new TargetAccuracy({ target: 0.9, metric: 'val_accuracy' });
    expect(callback.onEpochEnd(0, { accuracy: 0.99 })).toBeUndefined();
    expect(callback.onEpochEnd(0, { val_accuracy: 0.91 })?.stop?.message).toBe(
      'Reached 90% val_accuracy so cancelling training!',
    );
  });

  it.each([
    [0.57, '57%'],
    [0.99, '99%'],
    [0.9999, '99.99%'],
    [0.07, '7%'],
    [0, '0%'],
  ])('writes %f as %s', (target, text) => {
    const message = new TargetAccuracy({ target }).onEpochEnd(0, { accuracy: 1 })?.stop?.message;
    expect(message).toBe(`Reached ${text} accuracy so cancelling training!`);
  });

  it('refuses percentages', () => {
    for (const target of [99.5, -0.1, Number.NaN]) {
      expect(() => new TargetAccuracy({ target })).toThrowError(
        expect.objectContaining({ code: 'USAGE', message: expect.stringContaining(`${target}`) }),
      );
    }
  });
});

import { describe, expect, it } from 'vitest';
import { TerminateOnNaN } from './terminateOnNaN.js';

describe('TerminateOnNaN', () => {
  it.each([Number.NaN, Infinity, -Infinity])('fails at a loss of %f', (loss) => {
    expect(new TerminateOnNaN().onStepEnd(7, { loss })).toEqual({
      fail: { message: 'Step 7: Invalid loss, terminating training' },
    });
  });

  it('lets every finite loss pass, and other metrics be', () => {
    const callback = new TerminateOnNaN();
    expect(callback.onStepEnd(0, { loss: 1e300, accuracy: Number.NaN })).toBeUndefined();
    expect(callback.onStepEnd(0, {})).toBeUndefined();
  });
});

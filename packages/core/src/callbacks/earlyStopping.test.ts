import { describe, expect, it } from 'vitest';
import { EarlyStopping } from './earlyStopping.js';

describe('EarlyStopping', () => {
  it('continues from its state as if nothing had happened', () => {
    const losses = [0.9, 0.5, 0.6, 0.7, 0.8];
    const options = { patience: 3, restoreBestWeights: true, verbose: 1 } as const;
    const whole = new EarlyStopping(options);
    const expected = losses.map((val_loss, epoch) => whole.onEpochEnd(epoch, { val_loss }));
    expect(expected[4]?.stop).toBeDefined();

    for (let cut = 0; cut <= losses.length; cut += 1) {
      const before = new EarlyStopping(options);
      const first = losses
        .slice(0, cut)
        .map((val_loss, epoch) => before.onEpochEnd(epoch, { val_loss }));
      const after = new EarlyStopping(options);
      after.onTrainBegin();
      after.restore(JSON.parse(JSON.stringify(before.state())));
      const second = losses
        .slice(cut)
        .map((val_loss, index) => after.onEpochEnd(cut + index, { val_loss }));
      expect([...first, ...second]).toEqual(expected);
      expect(after.onTrainEnd()).toEqual(whole.onTrainEnd());
    }
    expect(whole.onTrainEnd()).toEqual({
      restoreWeights: true,
      messages: ['Restoring model weights from the end of the best epoch: 2.'],
    });
  });

  it('starts from nothing when it trains again', () => {
    const callback = new EarlyStopping({ restoreBestWeights: true });
    callback.onEpochEnd(0, { val_loss: 0.1 });
    callback.onTrainBegin();
    expect(callback.onTrainEnd()).toBeUndefined();
    expect(callback.onEpochEnd(1, { val_loss: 0.9 })).toEqual({ rememberWeights: true });
  });

  it('warns once of a metric that is not there', () => {
    const callback = new EarlyStopping();
    const logs = { loss: 1, accuracy: 0 };
    expect(callback.onEpochEnd(0, logs)?.messages).toEqual([
      'EarlyStopping: there is no metric val_loss, so training is not stopped early. Available metrics: loss, accuracy.',
    ]);
    expect(callback.onEpochEnd(1, logs)).toBeUndefined();
  });

  it('refuses a metric whose direction it cannot know, and an unknown mode', () => {
    expect(() => new EarlyStopping({ monitor: 'val_f1' })).toThrowError(
      expect.objectContaining({ code: 'USAGE', message: expect.stringContaining('val_f1') }),
    );
    expect(() => new EarlyStopping({ monitor: 'val_f1', mode: 'max' })).not.toThrow();
    const fromJavaScript = { mode: 'maximum' } as unknown as { mode: 'max' };
    expect(() => new EarlyStopping(fromJavaScript)).toThrowError(
      expect.objectContaining({ code: 'USAGE', message: expect.stringContaining('maximum') }),
    );
  });

  it('refuses the state of another callback', () => {
    expect(() => new EarlyStopping().restore({ wait: 'long' })).toThrowError(
      expect.objectContaining({ code: 'CHECKPOINT_MISMATCH' }),
    );
  });
});

import { describe, expect, it } from 'vitest';
import { ModelCheckpoint } from './modelCheckpoint.js';

const savesOf = (callback: ModelCheckpoint, losses: number[]) =>
  losses.map((val_loss, epoch) => callback.onEpochEnd(epoch, { val_loss })?.save);

describe('ModelCheckpoint', () => {
  it('saves after each epoch', () => {
    const callback = new ModelCheckpoint();
    expect(savesOf(callback, [1, 2])).toEqual(['latest', 'latest']);
    expect(callback.onStepEnd(0, { loss: 1 })).toBeUndefined();
  });

  it('saves only the best', () => {
    const callback = new ModelCheckpoint({ saveBestOnly: true });
    expect(savesOf(callback, [3, 2, 2, Number.NaN, 1])).toEqual([
      'best',
      'best',
      undefined,
      undefined,
      'best',
    ]);
  });

  it('must beat the initial value first, also when it trains again', () => {
    const callback = new ModelCheckpoint({
      monitor: 'accuracy',
      saveBestOnly: true,
      initialValueThreshold: 0.5,
    });
    const save = (accuracy: number) => callback.onEpochEnd(0, { accuracy })?.save;
    expect([save(0.4), save(0.6), save(0.55)]).toEqual([undefined, 'best', undefined]);
    callback.onTrainBegin();
    expect(save(0.55)).toBe('best');
  });

  it('saves every so many steps across epochs, and after a resume as if nothing had happened', () => {
    const steps = 10;
    const expected = Array.from({ length: steps }, (_, step) =>
      step % 3 === 2 ? 'latest' : undefined,
    );
    for (let cut = 0; cut < steps; cut += 1) {
      let callback = new ModelCheckpoint({ saveFrequency: 3 });
      const saves = expected.map((_, step) => {
        if (step === cut) {
          const state = callback.state();
          callback = new ModelCheckpoint({ saveFrequency: 3 });
          callback.onTrainBegin();
          callback.restore(state);
        }
        return callback.onStepEnd(step, { loss: 1 })?.save;
      });
      expect(saves).toEqual(expected);
      expect(callback.onEpochEnd(0, { val_loss: 1 })).toBeUndefined();
    }
  });

  it('saves without the metric all the same, but not as the best', () => {
    const callback = new ModelCheckpoint({ saveBestOnly: true });
    expect(callback.onEpochEnd(0, { loss: 1 })).toEqual({
      save: 'latest',
      messages: [expect.stringContaining('val_loss')],
    });
    expect(callback.onEpochEnd(1, { loss: 1 })).toEqual({ save: 'latest' });
  });

  it('says why when asked to', () => {
    const callback = new ModelCheckpoint({ saveBestOnly: true, verbose: 1 });
    const messages = [0.5, 0.25, 0.3].map(
      (val_loss, epoch) => callback.onEpochEnd(epoch, { val_loss })?.messages?.[0],
    );
    expect(messages).toEqual([
      'Epoch 1: val_loss improved from None to 0.50000, saving model',
      'Epoch 2: val_loss improved from 0.50000 to 0.25000, saving model',
      'Epoch 3: val_loss did not improve from 0.25000',
    ]);
  });

  it('refuses a frequency that is none', () => {
    for (const saveFrequency of [0, -1, 1.5, Number.NaN]) {
      expect(() => new ModelCheckpoint({ saveFrequency })).toThrowError(
        expect.objectContaining({ code: 'USAGE' }),
      );
    }
  });
});

import { describe, expect, it } from 'vitest';
import { ReduceLROnPlateau } from './reduceLROnPlateau.js';

const context = { epochs: 10, learningRate: 0.01 };

describe('ReduceLROnPlateau', () => {
  it('says the new rate when asked to', () => {
    const callback = new ReduceLROnPlateau({ patience: 1, factor: 0.5, verbose: 1 });
    callback.onEpochEnd(0, { val_loss: 1 }, context);
    expect(callback.onEpochEnd(1, { val_loss: 1 }, context)).toEqual({
      learningRate: 0.005,
      messages: ['Epoch 2: ReduceLROnPlateau reducing learning rate to 0.005.'],
    });
  });

  it('continues from its state in the middle of waiting and of cooling down', () => {
    const losses = [1, 1, 1, 1, 1, 1, 1, 1];
    const options = { patience: 2, factor: 0.5, cooldown: 2 };
    const run = (cut: number) => {
      let callback = new ReduceLROnPlateau(options);
      return losses.map((val_loss, epoch) => {
        if (epoch === cut) {
          const state = callback.state();
          callback = new ReduceLROnPlateau(options);
          callback.onTrainBegin();
          callback.restore(state);
        }
        return callback.onEpochEnd(epoch, { val_loss }, context)?.learningRate;
      });
    };
    const expected = run(-1);
    expect(expected.filter((rate) => rate !== undefined).length).toBe(2);
    for (let cut = 0; cut < losses.length; cut += 1) expect(run(cut)).toEqual(expected);
  });

  it('refuses a factor that does not reduce', () => {
    for (const factor of [1, 1.5, 0, -1, Number.NaN]) {
      expect(() => new ReduceLROnPlateau({ factor })).toThrowError(
        expect.objectContaining({ code: 'USAGE' }),
      );
    }
  });
});

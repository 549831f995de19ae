import { describe, expect, it } from 'vitest';
import { type LearningRateSchedule, LearningRateScheduler } from './learningRateScheduler.js';
import { CallbackList } from './list.js';
import { parseSchedule } from './schedule.js';

/** The learning rate in each epoch, with a resume before epoch `cut`. */
async function ratesOf(schedule: LearningRateSchedule, epochs: number, cut = -1) {
  let list = new CallbackList([new LearningRateScheduler(schedule)], { epochs, learningRate: 0.5 });
  await list.onTrainBegin();
  const rates: number[] = [];
  for (let epoch = 0; epoch < epochs; epoch += 1) {
    await list.onEpochBegin(epoch);
    if (epoch === cut) {
      const { learningRate } = list;
      const state = list.state();
      list = new CallbackList([new LearningRateScheduler(schedule)], { epochs, learningRate });
      await list.onTrainBegin(state);
      await list.onEpochBegin(epoch);
    }
    rates.push(list.learningRate);
  }
  return rates;
}

describe('LearningRateScheduler', () => {
  it('gives the schedule the epoch, the present rate and the plan', async () => {
    const seen: unknown[] = [];
    await ratesOf((...given) => {
      seen.push(given);
      return given[1] / 2;
    }, 2);
    const plan = { epochs: 2, initialLearningRate: 0.5 };
    expect(seen).toEqual([
      [0, 0.5, plan],
      [1, 0.25, plan],
    ]);
  });

  it('refuses what is no learning rate', () => {
    for (const wrong of [Number.NaN, -1, Infinity, undefined, '0.1']) {
      const callback = new LearningRateScheduler(() => wrong as number);
      expect(() => callback.onEpochBegin(3, { epochs: 5, learningRate: 1 })).toThrowError(
        expect.objectContaining({
          code: 'USER_CODE',
          message: `the schedule of LearningRateScheduler gave ${wrong} as learning rate of epoch 3`,
        }),
      );
    }
  });

  it('says the rate when asked to', () => {
    const callback = new LearningRateScheduler(() => 0.1, { verbose: 1 });
    expect(callback.onEpochBegin(0, { epochs: 5, learningRate: 1 }).messages).toEqual([
      'Epoch 1: LearningRateScheduler setting learning rate to 0.1.',
    ]);
  });
});

describe('schedules from the command line', () => {
  it.each([
    ['exponential:0.5', [0.5, 0.25, 0.125, 0.0625]],
    ['step:0.5@2', [0.5, 0.5, 0.25, 0.25, 0.125]],
    ['cosine', [0.5, 0.5 * (0.5 + Math.SQRT1_2 / 2), 0.25, 0.5 * (0.5 - Math.SQRT1_2 / 2)]],
  ])('%s, also when resumed in the middle of any epoch', async (text, expected) => {
    for (let cut = -1; cut < expected.length; cut += 1) {
      const rates = await ratesOf(parseSchedule(text), expected.length, cut);
      expect(rates.length).toBe(expected.length);
      for (const [epoch, rate] of rates.entries()) expect(rate).toBeCloseTo(expected[epoch]!, 12);
    }
  });

  it.each([
    '',
    'linear',
    'cosine:2',
    'cosine@3',
    'exponential',
    'exponential:',
    'exponential:x',
    'exponential:0',
    'exponential:-1',
    'exponential:Infinity',
    'exponential:0.9@2',
    'step:0.1',
    'step:0.1@',
    'step:0.1@0',
    'step:0.1@1.5',
    'step@5',
    'xstep:0.1@5',
  ])('refuses "%s" and says what there is', (text) => {
    expect(() => parseSchedule(text)).toThrowError(
      expect.objectContaining({
        code: 'USAGE',
        message: expect.stringContaining(`"${text}"`),
        hint: expect.stringMatching(/exponential:.*step:.*cosine/),
      }),
    );
  });
});

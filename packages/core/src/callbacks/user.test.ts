import { describe, expect, it } from 'vitest';
import type { Callback } from './callback.js';
import { EarlyStopping } from './earlyStopping.js';
import { asCallbacks } from './user.js';

const plain: Callback = { name: 'plain', onEpochEnd: () => undefined };

class Inheriting extends EarlyStopping {}

describe('asCallbacks', () => {
  it('takes a callback, an array of them, and a function that returns either', () => {
    const instance = new Inheriting();
    expect(asCallbacks(plain, 'f')).toEqual([plain]);
    expect(asCallbacks([plain, instance], 'f')).toEqual([plain, instance]);
    expect(asCallbacks(() => instance, 'f')).toEqual([instance]);
    expect(asCallbacks(() => [plain], 'f')).toEqual([plain]);
    expect(asCallbacks([], 'f')).toEqual([]);
  });

  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'it has no default export'],
    ['null', null, 'its default export is null'],
    ['a number', 3, 'its default export is a number'],
    ['an object', {}, 'its default export is an object without a name'],
    ['an empty name', { name: '' }, 'its default export is an object without a name'],
    [
      'no hook',
      { name: 'idle', state: () => 1 },
      'its default export is the callback "idle" with none of onTrainBegin, ',
    ],
    [
      'a misspelt hook',
      { ...plain, onEpochEnded: () => undefined },
      'its default export is the callback "plain" with onEpochEnded, which is not one of onTrain',
    ],
    [
      'the Python name of a hook',
      { name: 'python', on_epoch_end: () => undefined },
      'its default export is the callback "python" with on_epoch_end, which is not',
    ],
    [
      'a hook that is no function',
      { name: 'odd', onEpochEnd: 'stop' },
      'its default export is the callback "odd", whose onEpochEnd is a string, not a function',
    ],
    ['a nested array', [plain, [plain]], 'an array whose element 1 is an object without a name'],
    ['a function that returns nothing', () => undefined, 'its function returned undefined'],
    ['an async function', async () => plain, 'its function returned a promise; return the'],
    [
      'a function that throws',
      () => {
        throw new Error('no such file');
      },
      'its default export threw: no such file',
    ],
    ['a class', EarlyStopping, 'its default export threw: Class constructor EarlyStopping cannot'],
  ])('refuses %s', (_name, exported, found) => {
    expect(() => asCallbacks(exported, 'mine.ts')).toThrowError(
      expect.objectContaining({
        code: 'USER_CODE',
        message: expect.stringContaining(`mine.ts gives no callbacks: `),
      }),
    );
    expect(() => asCallbacks(exported, 'mine.ts')).toThrowError(found);
  });
});

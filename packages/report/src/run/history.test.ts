import { expect, it } from 'vitest';
import { historyTable } from '../table/history.js';
import { parseHistory } from './history.js';

const text = `epoch,accuracy,loss,val_loss
0,0.5,1.25,
1,0.75,nan,0.00025
2,0.9,inf,-inf
`;

it('reads what a run writes, with numbers as Python spells them', () => {
  expect(parseHistory(text, 'history.csv')).toEqual([
    { epoch: 0, logs: { accuracy: 0.5, loss: 1.25 } },
    { epoch: 1, logs: { accuracy: 0.75, loss: Number.NaN, val_loss: 0.00025 } },
    { epoch: 2, logs: { accuracy: 0.9, loss: Infinity, val_loss: -Infinity } },
  ]);
});

it('prints the last epochs, counted from 1', () => {
  expect(historyTable(parseHistory(text, 'history.csv'), 2).split('\n')).toEqual([
    'epoch  accuracy  loss  val_loss',
    '    2    0.7500   nan  2.500e-4',
    '    3    0.9000   inf      -inf',
  ]);
});

it.each(['', 'accuracy,loss\n1,2\n', 'epoch,loss\none,2\n'])('refuses %j, by name', (wrong) => {
  expect(() => parseHistory(wrong, 'runs/a/history.csv')).toThrow(/runs\/a\/history\.csv/);
});

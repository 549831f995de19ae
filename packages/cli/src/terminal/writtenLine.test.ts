import { expect, it } from 'vitest';
import { writtenLine } from './writtenLine.js';

const model = {
  name: 'm',
  topology: null,
  loss: null,
  weights: [],
  optimizer: {
    config: { name: 'sgd', learningRate: 0.1, momentum: 0, nesterov: false },
    iterations: 1_875,
  },
  notes: [],
} as const;

it('says what the file has of the model', () => {
  expect(writtenLine(['m.keras'], model, 'keras')).toBe(
    'Wrote m.keras (keras: topology, weights, optimizer after 1,875 updates)',
  );
  expect(writtenLine(['m.h5'], { ...model, optimizer: null }, 'h5')).toBe(
    'Wrote m.h5 (h5: topology, weights)',
  );
  expect(writtenLine(['w.bin', 'm.json'], model, 'tfjs')).toBe(
    'Wrote w.bin, m.json (tfjs: topology, weights)',
  );
});

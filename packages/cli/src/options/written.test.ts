import { expect, it } from 'vitest';
import { written } from './written.js';

it.each<[unknown, string]>([
  [0.1, '0.1'],
  [1e-7, '1e-7'],
  [true, 'true'],
  ['auto', 'auto'],
  [[0, 1], '0,1'],
  [[], 'none'],
  [{ monitor: 'loss', patience: 2, baseline: undefined }, 'monitor=loss,patience=2'],
  [{ name: 'adam' }, 'adam'],
  [{ name: 'sgd', momentum: 0.9, nesterov: true }, 'sgd:momentum=0.9,nesterov=true'],
])('writes %j as %s', (value, text) => {
  expect(written(value)).toBe(text);
});

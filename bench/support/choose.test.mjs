import { expect, test } from 'vitest';
import { choose } from './choose.mjs';

const cases = [
  { model: 'cnn', batch: 32 },
  { model: 'cnn', batch: 128 },
  { model: 'deep', batch: 50 },
];
const namesOf = ({ model, batch }) => [model, `${model}:${batch}`];

test.each([
  [[], cases],
  [['cnn:128'], [cases[1]]],
  [
    ['deep', 'cnn:32'],
    [cases[0], cases[2]],
  ],
])('by the names %j', (names, expected) => {
  expect(choose(cases, namesOf, names)).toEqual(expected);
});

test('a name that is for none of them is refused with those there are', () => {
  expect(() => choose(cases, namesOf, ['cnn', 'dnn'])).toThrow(
    "no case 'dnn': use cnn:32, cnn:128, deep:50",
  );
});

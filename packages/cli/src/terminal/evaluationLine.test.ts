import { expect, it } from 'vitest';
import { EvaluationLine } from './evaluationLine.js';

function scene(isTTY: boolean) {
  let out = '';
  let time = 0;
  const stream = { write: (text: string) => (out += text), isTTY, columns: 60 };
  const line = new EvaluationLine(stream, 1000, 300, () => time, false);
  const logs = { loss: 0.5, accuracy: 0.75 };
  for (const position of [300, 600, 900, 1000]) {
    time += position === 600 ? 50 : 1000;
    line.step(position, logs);
  }
  line.end(logs);
  return out.split('\r');
}

it('writes one whole line at the end', () => {
  expect(scene(false)).toEqual([
    '4/4 ━━━━━━━━━━━━━━━━━━━━ 3s 763ms/step - accuracy: 0.7500 - loss: 0.5000\n',
  ]);
});

it('is drawn meanwhile in a terminal, at most ten times a second', () => {
  expect(scene(true)).toEqual([
    '',
    '1/4 ━━━━━╸────────────── 3s 1s/step - accuracy: 0.7500 - lo\u001b[K',
    '3/4 ━━━━━━━━━━━━━━━╸──── 1s 683ms/step - accuracy: 0.7500 -\u001b[K',
    '4/4 ━━━━━━━━━━━━━━━━━━━━ 0s 763ms/step - accuracy: 0.7500 -\u001b[K',
    '\u001b[K4/4 ━━━━━━━━━━━━━━━━━━━━ 3s 763ms/step - accuracy: 0.7500 - loss: 0.5000\n',
  ]);
});

import { expect, it } from 'vitest';
import { printable } from './printable.js';

it('shows what a terminal would obey', () => {
  expect(printable('\u001b[2Jgone\u0007 \u009b1m\r')).toBe('\ufffd[2Jgone\ufffd \ufffd1m\ufffd');
});

it('keeps all else, lines and tabs too', () => {
  const text = 'a line\n\tand another: \u00e9 \u6f22\u5b57 \ud83d\ude80';
  expect(printable(text)).toBe(text);
});

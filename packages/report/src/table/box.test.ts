import { expect, it } from 'vitest';
import { boxTable } from './box.js';

it('wraps between words, and cuts a word that is too wide', () => {
  const columns = [
    { title: 'Name', align: 'left', width: 8 },
    { title: 'N', align: 'right', width: 3 },
  ] as const;
  expect(
    boxTable(columns, [
      ['one two three', '1'],
      ['extraordinary', '22'],
    ]),
  ).toBe(
    [
      '┏━━━━━━━━━━┳━━━━━┓',
      '┃ Name     ┃   N ┃',
      '┡━━━━━━━━━━╇━━━━━┩',
      '│ one two  │   1 │',
      '│ three    │     │',
      '├──────────┼─────┤',
      '│ extraor… │  22 │',
      '└──────────┴─────┘',
    ].join('\n'),
  );
});

import { expect, it } from 'vitest';
import { replaceSection } from './document.js';

it('replaces what is between two markers, and nothing else', () => {
  const text = 'before\n<!-- a -->\nold\n<!-- /a -->\nafter\n';
  const replaced = replaceSection(text, 'a', 'new');
  expect(replaced).toBe('before\n<!-- a -->\nnew\n<!-- /a -->\nafter\n');
  expect(replaceSection(replaced, 'a', 'new')).toBe(replaced);
});

it.each(['', '<!-- a -->', '<!-- /a --><!-- a -->'])('misses a marker in %j', (text) => {
  expect(() => replaceSection(text, 'a', 'new')).toThrow('<!-- a -->');
});

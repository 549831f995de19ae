import { expect, test } from 'vitest';
import { replaceSection } from './report.mjs';

const text = 'before\n<!-- a -->\nold\n<!-- /a -->\nbetween\n<!-- b -->\n<!-- /b -->\n';

test('only what lies between the markers is replaced, again and again', () => {
  const once = replaceSection(text, 'a', 'new');
  expect(once).toBe(text.replace('old', 'new'));
  expect(replaceSection(once, 'a', 'old')).toBe(text);
  expect(replaceSection(text, 'b', 'more')).toBe(
    text.replace('<!-- b -->\n', '<!-- b -->\nmore\n'),
  );
});

test.each(['c', '/a'])('a section %s that is not there is not invented', (section) => {
  expect(() => replaceSection(text, section, 'new')).toThrow(`<!-- ${section} -->`);
});

import { expect, it } from 'vitest';
import { renderPage } from './page.js';

it('shows text as text, whatever is in it', () => {
  const bad = '<script>alert("&")</script>';
  const html = renderPage({
    title: bad,
    lead: bad,
    facts: [{ name: bad, value: bad }],
    sections: [
      {
        title: bad,
        blocks: [
          { kind: 'text', text: bad },
          { kind: 'preformatted', text: bad },
          { kind: 'table', of: 'words', head: [bad], rows: [[bad]] },
          {
            kind: 'pictures',
            pictures: [
              {
                ...{ name: bad, caption: bad },
                drawing: { title: bad, width: 10, height: 10, elements: [] },
              },
            ],
          },
        ],
      },
    ],
  });
  expect(html).not.toContain('<script');
  expect(html.split('&lt;script&gt;alert(&quot;&amp;&quot;)&lt;/script&gt;').length - 1).toBe(14);
  expect(html).toContain("default-src 'none'");
});

it('leads from its top to each section', () => {
  const sections = ['One, two', 'Three'].map((title) => ({ title, blocks: [] }));
  const html = renderPage({ title: 't', lead: 'l', facts: [], sections });
  for (const id of ['one-two', 'three']) {
    expect(html).toContain(`href="#${id}"`);
    expect(html).toContain(`<section id="${id}">`);
  }
});

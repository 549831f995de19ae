import { escaped, renderSvg } from '../drawing/svg.js';
import type { Picture } from '../figures/picture.js';
import { styleSheet } from './style.js';

/** Something that a section shows. */
type Block =
  | { readonly kind: 'pictures'; readonly pictures: readonly Picture[] }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'preformatted'; readonly text: string }
  | {
      readonly kind: 'table';
      /** Numbers stand below each other, words from the left. */
      readonly of: 'numbers' | 'words';
      readonly head: readonly string[];
      readonly rows: readonly (readonly string[])[];
    };

export interface Section {
  readonly title: string;
  readonly blocks: readonly Block[];
}

/** A page on its own: nothing is fetched, nothing runs. */
export interface Page {
  readonly title: string;
  /** Below the title, in a sentence or two. */
  readonly lead: string;
  /** What counts most, in large letters. */
  readonly facts: readonly { readonly name: string; readonly value: string }[];
  readonly sections: readonly Section[];
}

/** The page may load and run nothing but what stands in it. */
const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

/** The text of an HTML file. */
export function renderPage({ title, lead, facts, sections }: Page): string {
  const links = sections.map(
    (section) => `<a href="#${idOf(section)}">${escaped(section.title)}</a>`,
  );
  const parts = [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    `<title>${escaped(title)}</title>`,
    `<style>\n${styleSheet}</style>`,
    '</head>',
    '<body>',
    `<header><h1>${escaped(title)}</h1><p>${escaped(lead)}</p></header>`,
    `<dl class="facts">${facts.map(renderFact).join('')}</dl>`,
    `<nav aria-label="Sections">${links.join('')}</nav>`,
    `<main>${sections.map(renderSection).join('\n')}</main>`,
    '</body>',
    '</html>',
  ];
  return `${parts.join('\n')}\n`;
}

const renderFact = ({ name, value }: Page['facts'][number]): string =>
  `<div><dt>${escaped(name)}</dt><dd>${escaped(value)}</dd></div>`;

function renderSection(section: Section): string {
  const blocks = section.blocks.map(renderBlock).join('\n');
  return `<section id="${idOf(section)}"><h2>${escaped(section.title)}</h2>\n${blocks}\n</section>`;
}

const idOf = ({ title }: Section): string => title.toLowerCase().replace(/[^a-z0-9]+/g, '-');

function renderBlock(block: Block): string {
  switch (block.kind) {
    case 'pictures':
      return `<div class="pictures">${block.pictures.map(renderPicture).join('\n')}</div>`;
    case 'text':
      return `<p>${escaped(block.text)}</p>`;
    case 'preformatted':
      return `<div class="scroll"><pre>${escaped(block.text)}</pre></div>`;
    case 'table': {
      const head = block.head.map((cell) => `<th scope="col">${escaped(cell)}</th>`).join('');
      const rows = block.rows.map(
        (row) => `<tr>${row.map((cell) => `<td>${escaped(cell)}</td>`).join('')}</tr>`,
      );
      return `<div class="scroll"><table class="${block.of}"><thead><tr>${head}</tr></thead><tbody>${rows.join('\n')}</tbody></table></div>`;
    }
    default:
      return block satisfies never;
  }
}

function renderPicture({ name, caption, drawing }: Picture): string {
  const svg = renderSvg(drawing, 'auto');
  return `<figure id="figure-${escaped(name)}">\n<div class="scroll">${svg}</div><figcaption>${escaped(caption)}</figcaption></figure>`;
}

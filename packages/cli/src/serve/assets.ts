import { readFile } from 'node:fs/promises';
import { styleSheet } from '@lockstep/report';
import type { Asset } from './server.js';

const folder = new URL('../../page/', import.meta.url);

const files = [
  ['/', 'index.html', 'text/html; charset=utf-8'],
  ['/draw.js', 'draw.js', 'text/javascript; charset=utf-8'],
  ['/draw.css', 'draw.css', 'text/css; charset=utf-8'],
] as const;

/** What the page tells of the model. */
export interface ModelFacts {
  readonly classNames: readonly string[];
  readonly description: string;
}

/** All that the page consists of. */
export async function pageAssets(facts: ModelFacts): Promise<Map<string, Asset>> {
  const assets = new Map<string, Asset>([
    ['/style.css', { type: 'text/css; charset=utf-8', content: styleSheet }],
    ['/model.json', { type: 'application/json', content: JSON.stringify(facts) }],
  ]);
  for (const [path, file, type] of files) {
    assets.set(path, { type, content: await readFile(new URL(file, folder), 'utf8') });
  }
  return assets;
}

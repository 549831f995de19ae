import { extname } from 'node:path';
import { zoo } from '@lockstep/core/model';
import type { Parser } from '../options/flag.js';
import { choice } from '../options/parsers.js';

export const modelNames: readonly string[] = Object.keys(zoo);

/** What a `--model` that is not of the house names: a topology, or code that makes one. */
export type ModelFileKind = 'topology' | 'code';

const kinds: Readonly<Record<string, ModelFileKind>> = {
  '.json': 'topology',
  '.ts': 'code',
  '.mts': 'code',
  '.js': 'code',
  '.mjs': 'code',
};

/** Null: it is the name of a model of the house. */
export const kindOfModel = (reference: string): ModelFileKind | null =>
  kinds[extname(reference).toLowerCase()] ?? null;

/** A name, or a file; whether it is there, is seen when it is read. */
export const modelReference: Parser<string> = (text, name) =>
  kindOfModel(text) === null ? choice(modelNames, 'a file (.json, .ts, .js)')(text, name) : text;

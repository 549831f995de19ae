import type { HdfGroup } from '../hdf5/tree.js';

/** HDF5's limit for all attributes of an object, with room for its own bytes, as Keras has it. */
const limit = 64_512;

/** A list of texts: as one attribute, or, where that is too long, as `name0`, `name1` and so on. */
export function attributeList({ attributes }: HdfGroup, name: string): string[] {
  const whole = attributes[name];
  if (whole !== undefined) return typeof whole === 'string' ? [whole] : [...whole];
  const parts: string[] = [];
  for (let part = 0; ; part++) {
    const next = attributes[`${name}${part}`];
    if (next === undefined) return parts;
    parts.push(...(typeof next === 'string' ? [next] : next));
  }
}

/** The attributes that `attributeList` puts together. Each text takes 16 bytes: its length and where it lies. */
export function splitAttribute(name: string, texts: readonly string[]): HdfGroup['attributes'] {
  const each = limit / 16;
  if (texts.length <= each) return { [name]: texts };
  const parts = Array.from({ length: Math.ceil(texts.length / each) }, (_, part) => [
    `${name}${part}`,
    texts.slice(part * each, (part + 1) * each),
  ]);
  return Object.fromEntries(parts);
}

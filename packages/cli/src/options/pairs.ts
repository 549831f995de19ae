import { LockstepError } from '@lockstep/core';
import type { Parser } from './flag.js';
import { listOf, refuse } from './parsers.js';
import { suggest } from './suggest.js';

/** Keras's short names for what Lockstep spells out. */
const aliases: Readonly<Record<string, string>> = { lr: 'learningRate', minLr: 'minLearningRate' };

/** `key=value,key=value` as texts by camelCase key; Keras's snake_case keys are understood, too. */
export function splitPairs(text: string, name: string, keys: readonly string[]) {
  const pairs = new Map<string, string>();
  for (const part of text.split(',')) {
    const [written = '', value, ...more] = part.split('=').map((side) => side.trim());
    if (value === undefined || more.length > 0) {
      refuse(name, part, `key=value, several with commas between; keys are ${listOf(keys)}`);
    }
    const camelCase = written.replace(/_([a-z0-9])/g, (_all, next: string) => next.toUpperCase());
    const key = keys.includes(camelCase) ? camelCase : (aliases[camelCase] ?? camelCase);
    if (!keys.includes(key)) {
      const meant = suggest(camelCase, keys);
      throw new LockstepError(
        'USAGE',
        `${name} has no option ${JSON.stringify(written)}; it has ${listOf(keys)}`,
        meant === undefined ? {} : { hint: `Did you mean ${meant}?` },
      );
    }
    if (pairs.has(key)) refuse(name, text, `each option once, and ${key} is there twice`);
    pairs.set(key, value);
  }
  return pairs;
}

/** `key=value,key=value` as an object, each value read by the parser of its key. */
export function pairs<Options extends object>(
  parsers: {
    readonly [Key in keyof Options]-?: Parser<Exclude<Options[Key], undefined>>;
  },
): Parser<Options> {
  return (text, name) => {
    const options: Partial<Options> = {};
    for (const [key, value] of splitPairs(text, name, Object.keys(parsers))) {
      const known = key as keyof Options;
      options[known] = parsers[known](value, `${name} ${key}`);
    }
    return options as Options;
  };
}

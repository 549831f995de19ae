import {
  LockstepError,
  type OptimizerConfig,
  optimizerConfigSchema,
  optimizerNames,
} from '@lockstep/core';
import type { Parser } from './flag.js';
import { splitPairs } from './pairs.js';
import { choice } from './parsers.js';

/** `adam`, or `sgd:momentum=0.9,nesterov=true`: options that are left out have Keras's defaults. */
export const optimizer: Parser<OptimizerConfig> = (text, flag) => {
  const [nameText = '', ...rest] = text.split(':');
  const name = choice(optimizerNames)(nameText, flag);
  const schema = optimizerConfigSchema.options.find((option) => option.shape.name.value === name)!;
  const keys = Object.keys(schema.shape).filter((key) => key !== 'name');
  const given = rest.length === 0 ? [] : [...splitPairs(rest.join(':'), `${flag} ${name}`, keys)];
  const result = schema.safeParse({
    name,
    ...Object.fromEntries(given.map(([key, value]) => [key, numberOrBoolean(value)])),
  });
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const key = String(issue?.path[0]);
  const value = JSON.stringify(new Map(given).get(key));
  throw new LockstepError('USAGE', `${flag} ${name} ${key} got ${value}: ${issue?.message}`);
};

/** All options of optimizers are one or the other; a text goes to the schema, which refuses it. */
function numberOrBoolean(text: string): number | boolean | string {
  const lower = text.toLowerCase();
  if (lower === 'true' || lower === 'false') return lower === 'true';
  return text !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
}

import { LockstepError } from '@lockstep/core';
import { Option } from 'commander';
import type { Flag, FlagTable, ValuesOf } from '../options/flag.js';
import type { Read } from '../options/options.js';
import { refuse } from '../options/parsers.js';
import { suggest } from '../options/suggest.js';
import { written } from '../options/written.js';

/**
 * The values of a table of flags, of which a program gives some by their names in camelCase.
 *
 * @throws USAGE for a name that there is not, or a value that its flag does not take
 */
export function readFlagSettings<Table extends FlagTable>(
  given: Readonly<Record<string, unknown>>,
  table: Table,
): Read<ValuesOf<Table>> {
  const rest = new Map(Object.entries(given).filter(([, value]) => value !== undefined));
  const values: Record<string, unknown> = {};
  const sources: Read<unknown>['sources'] = {};
  for (const [key, flag] of Object.entries(table)) {
    const name = new Option(flag.flags).attributeName();
    const isGiven = rest.has(name);
    const value = isGiven ? readOne(flag, rest.get(name), name) : flag.read(flag.default, name);
    rest.delete(name);
    values[key] = value;
    sources[key] = { value, source: isGiven ? 'code' : 'default' };
  }
  const [unknown] = rest.keys();
  if (unknown !== undefined) throw unknownSetting(unknown, table);
  return { values: values as ValuesOf<Table>, sources };
}

/** Null is for flags that may be left out, and `none` for the others. */
function readOne(flag: Flag<unknown>, value: unknown, name: string): unknown {
  const { required: takesValue } = new Option(flag.flags);
  if (!takesValue)
    return typeof value === 'boolean' ? value : refuse(name, String(value), 'true or false');
  if (flag.repeatable) return flag.read(value as readonly string[], name);
  if (value === null && flag.default === undefined) return null;
  return flag.read(written(value), name);
}

function unknownSetting(name: string, table: FlagTable): LockstepError {
  const known = Object.values(table).map(({ flags }) => new Option(flags).attributeName());
  const meant = suggest(name, known);
  return new LockstepError('USAGE', `there is no setting ${JSON.stringify(name)}`, {
    hint: meant === undefined ? 'They are the flags of lockstep train.' : `Did you mean ${meant}?`,
  });
}

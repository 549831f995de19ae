import type { Sourced } from '@lockstep/coordinator';
import { type Command, Option } from 'commander';
import type { Collected, Flag, FlagTable, ValuesOf } from './flag.js';
import type { Read } from './options.js';

/** What `LOCKSTEP_JSON` and its like may say to leave a switch off. */
const off = new Set(['', '0', 'false']);

/** Declares the flags of a table on a command. Commander collects texts; `readFlags` parses them. */
export function declareFlags(command: Command, table: FlagTable): Command {
  for (const flag of Object.values(table)) command.addOption(optionOf(flag));
  return command;
}

function optionOf(flag: Flag<unknown>): Option {
  const option = new Option(flag.flags, flag.description);
  const variable = environmentVariableOf(option);
  const takesValue = option.required;
  // Commander takes a switch as on whatever its variable says.
  if (takesValue || !off.has(process.env[variable] ?? '')) option.env(variable);
  if (flag.default !== undefined) option.default(flag.default, flag.default);
  if (flag.required) option.makeOptionMandatory();
  if (flag.hidden) option.hideHelp();
  if (flag.repeatable) {
    option.argParser((text: string, before: string[] | undefined) => [...(before ?? []), text]);
  }
  return option;
}

/** `--batch-size` is `LOCKSTEP_BATCH_SIZE`. */
function environmentVariableOf(option: Option): string {
  return `LOCKSTEP_${option.name().replaceAll('-', '_').toUpperCase()}`;
}

/**
 * The options of a command and where each value comes from.
 *
 * @throws USAGE for a value that its flag does not take
 */
export function readFlags<Table extends FlagTable>(
  command: Command,
  table: Table,
): Read<ValuesOf<Table>> {
  const values: Record<string, unknown> = {};
  const sources: Record<string, Sourced> = {};
  for (const [key, flag] of Object.entries(table)) {
    const option = new Option(flag.flags);
    const attribute = option.attributeName();
    const source = sourceOf(command.getOptionValueSource(attribute));
    const name = source === 'environment' ? environmentVariableOf(option) : option.long!;
    const value = flag.read(command.getOptionValue(attribute) as Collected, name);
    values[key] = value;
    sources[key] = { value, source };
  }
  return { values: values as ValuesOf<Table>, sources };
}

function sourceOf(source: string | undefined): Sourced['source'] {
  if (source === 'cli') return 'flag';
  return source === 'env' ? 'environment' : 'default';
}

/**
 * Reads one value as the user wrote it.
 *
 * @param name what to call the value in messages: `--batch-size`, or `LOCKSTEP_BATCH_SIZE`
 * @throws USAGE with the name, the value and what is allowed
 */
export type Parser<T> = (text: string, name: string) => T;

/** What commander has collected for a flag, before anything is parsed. */
export type Collected = string | readonly string[] | boolean | undefined;

/** A flag of the command line, declared once: help, environment variable, default and parser. */
export interface Flag<T> {
  /** As commander writes it: `--batch-size <N>`. */
  readonly flags: string;
  readonly description: string;
  /** As a user would write it; parsed like any other value. */
  readonly default?: string;
  readonly required?: boolean;
  readonly repeatable?: boolean;
  readonly hidden?: boolean;
  readonly read: (collected: Collected, name: string) => T;
}

/** A table of flags, by the name of the option that each becomes. */
export type FlagTable = Readonly<Record<string, Flag<unknown>>>;

/** The options that a table gives. */
export type ValuesOf<Table extends FlagTable> = {
  -readonly [Key in keyof Table]: Table[Key] extends Flag<infer T> ? T : never;
};

interface Texts {
  readonly flags: string;
  readonly description: string;
}

/** A flag that always has a value. */
export function withDefault<T>(
  texts: Texts & { readonly default: string },
  parse: Parser<T>,
): Flag<T> {
  return { ...texts, read: (collected, name) => parse(String(collected), name) };
}

/** A flag that must be given. */
export function required<T>(texts: Texts, parse: Parser<T>): Flag<T> {
  return { ...texts, required: true, read: (collected, name) => parse(String(collected), name) };
}

/** A flag that may be left out: null. */
export function optional<T>(
  texts: Texts & { readonly hidden?: boolean },
  parse: Parser<T>,
): Flag<T | null> {
  return {
    ...texts,
    read: (collected, name) => (collected === undefined ? null : parse(String(collected), name)),
  };
}

/** A flag that may be given several times; the values in order. */
export function repeated<T>(texts: Texts, parse: Parser<T>): Flag<T[]> {
  return {
    ...texts,
    repeatable: true,
    read: (collected, name) =>
      Array.isArray(collected) ? collected.map((text: string) => parse(text, name)) : [],
  };
}

/** A flag without a value. */
export function toggle(texts: Texts): Flag<boolean> {
  return { ...texts, read: (collected) => collected === true };
}

/** A flag without a value that switches off what is on otherwise: `--no-report` makes `report` false. */
export function switchOff(texts: Texts & { readonly flags: `--no-${string}` }): Flag<boolean> {
  return { ...texts, read: (collected) => collected !== false };
}

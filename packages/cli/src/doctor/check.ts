import { exitCodeOf, LockstepError } from '@lockstep/core';
import pc from 'picocolors';

/** One thing that was looked at. With an error, training cannot work. */
export interface Check {
  readonly name: string;
  readonly detail: string;
  readonly error?: LockstepError;
}

/** What `look` says of a thing, or the LockstepError that it throws. */
export async function check(name: string, look: () => Promise<string> | string): Promise<Check> {
  try {
    return { name, detail: await look() };
  } catch (thrown) {
    if (!(thrown instanceof LockstepError)) throw thrown;
    return { name, detail: thrown.message, error: thrown };
  }
}

/** 0 when training can work, otherwise the exit code of the first problem. */
export function exitCodeOfChecks(checks: readonly Check[]): number {
  const code = checks.find(({ error }) => error !== undefined)?.error?.code;
  return code === undefined ? 0 : exitCodeOf(code);
}

export function formatChecks(checks: readonly Check[], colors: boolean): string {
  const { green, red } = pc.createColors(colors);
  const width = Math.max(...checks.map(({ name }) => name.length));
  const lines = checks.flatMap(({ name, detail, error }) => {
    const mark = error === undefined ? green('ok     ') : red('problem');
    const line = `${mark}  ${name.padEnd(width)}  ${detail}`;
    return error?.hint === undefined ? [line] : [line, `${' '.repeat(width + 11)}${error.hint}`];
  });
  const verdict =
    exitCodeOfChecks(checks) === 0 ? 'Training can work here.' : 'Training cannot work here yet.';
  return [...lines, verdict].join('\n');
}

export function checksAsJson(checks: readonly Check[]): string {
  return JSON.stringify({
    works: exitCodeOfChecks(checks) === 0,
    checks: checks.map(({ name, detail, error }) => ({
      name,
      works: error === undefined,
      detail,
      code: error?.code ?? null,
      hint: error?.hint ?? null,
    })),
  });
}

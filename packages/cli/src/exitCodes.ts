import { errorCodes, exitCodeOf, meaningOf, signalExitCodes } from '@lockstep/core';

/** The table of exit codes that ends `lockstep --help`, from the one place where they stand. */
export function exitCodeTable(): string {
  const rows: [number, string][] = [
    [0, 'all is well'],
    ...errorCodes.map((code): [number, string] => [
      exitCodeOf(code),
      `${code}: ${meaningOf(code)}`,
    ]),
    ...Object.entries(signalExitCodes).map(([signal, exit]): [number, string] => [
      exit,
      `stopped by ${signal}`,
    ]),
  ];
  const lines = rows
    .sort(([left], [right]) => left - right)
    .map(([exit, meaning]) => `  ${String(exit).padStart(3)}  ${meaning}`);
  return ['Exit codes:', ...lines].join('\n');
}

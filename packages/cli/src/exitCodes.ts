import { errorCodes, exitCodeOf, meaningOf, signalExitCodes } from '@lockstep/core';

/** The table of exit codes that ends `lockstep --help`, from the one place where they stand. */
export function exitCodeTable(): string {
  const rows = [
    '  0  all is well',
    ...errorCodes.map(
      (code) => `${String(exitCodeOf(code)).padStart(3)}  ${code}: ${meaningOf(code)}`,
    ),
    ...Object.entries(signalExitCodes).map(([signal, code]) => `${code}  stopped by ${signal}`),
  ];
  return ['Exit codes:', ...rows.map((row) => `  ${row}`)].join('\n');
}

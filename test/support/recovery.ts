import { appendFileSync } from 'node:fs';

/**
 * How long it took until the run went on. With LOCKSTEP_FAULTS_LOG=FILE it is written there, a JSON object a line, for
 * the table in docs/reliability.md: a time is no test.
 */
export function noteRecovery(fault: string, seconds: number): void {
  const file = process.env.LOCKSTEP_FAULTS_LOG;
  if (file !== undefined) appendFileSync(file, `${JSON.stringify({ fault, seconds })}\n`);
}

/** Whether all faults are to be tried, and not only those that CI has time for. */
export const allFaults = process.env.LOCKSTEP_FAULTS === 'all';

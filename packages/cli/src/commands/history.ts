import { LockstepError } from '@lockstep/core';
import { historyTable, readHistory } from '@lockstep/report';
import type { HistoryOptions } from '../options/seeing.js';

/** `lockstep history RUN`: the last epochs as a table. */
export async function history(directory: string, { last, json }: HistoryOptions): Promise<number> {
  const rows = await readHistory(directory);
  if (rows.length === 0) {
    throw new LockstepError('RUN_DIRECTORY', `${directory} has no finished epoch`, {
      hint: 'Give the directory that the run printed, with history.csv in it.',
    });
  }
  if (json) for (const row of rows.slice(-last)) console.log(JSON.stringify(row));
  else console.log(historyTable(rows, last));
  return 0;
}

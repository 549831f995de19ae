import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LockstepError } from '@lockstep/core';

/** One epoch of a run. */
export interface EpochRow {
  /** From 0. */
  readonly epoch: number;
  /** By name; what was not measured is left out. */
  readonly logs: Readonly<Record<string, number>>;
}

/**
 * Reads `RUN/history.csv`, whatever its columns are.
 *
 * @returns empty where there is no such file: no epoch was finished
 * @throws RUN_DIRECTORY where it is no such table
 */
export async function readHistory(directory: string): Promise<EpochRow[]> {
  const file = join(directory, 'history.csv');
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new LockstepError('RUN_DIRECTORY', `cannot read ${file}: ${thrown}`, { cause: thrown });
  }
  return parseHistory(text, file);
}

/** @param file to name where something is wrong */
export function parseHistory(text: string, file: string): EpochRow[] {
  const [head = '', ...lines] = text.split(/\r?\n/).filter((line) => line !== '');
  const [first, ...names] = head.split(',');
  const rows = lines.map((line) => {
    const [epoch, ...cells] = line.split(',');
    const known = names.flatMap((name, index) => {
      const cell = cells[index] ?? '';
      return cell === '' ? [] : [[name, numberOf(cell)] as const];
    });
    return { epoch: Number(epoch), logs: Object.fromEntries(known) };
  });
  if (first === 'epoch' && rows.every(({ epoch }) => Number.isInteger(epoch))) return rows;
  throw new LockstepError('RUN_DIRECTORY', `${file} is no table of epochs`, {
    hint: 'Its first line begins with epoch, as a run writes it.',
  });
}

/** Numbers as Python spells them. */
function numberOf(cell: string): number {
  return Number(cell.replace(/^(-?)inf$/, '$1Infinity'));
}

import { z } from 'zod';
import { anyNumber } from '../anyNumber.js';
import { writeAtomically } from '../atomicFile.js';
import type { Logs } from '../metrics/index.js';
import type { Callback } from './callback.js';
import { parseState } from './state.js';

/** Always there; further metrics have columns as well. */
const usual = ['accuracy', 'loss', 'val_accuracy', 'val_loss'];

const stateSchema = z.array(
  z.strictObject({ epoch: z.number().int().nonnegative(), logs: z.record(z.string(), anyNumber) }),
);

/**
 * Writes one row per epoch, epochs from 0, to a CSV file. https://keras.io/api/callbacks/csv_logger/
 *
 * The columns are in the order of the alphabet, as in Keras; an epoch without validation leaves its cells empty (Keras writes NA), and lines
 * end in a line feed. The file is replaced as a whole each time, from the history that the checkpoint
 * carries: after a resume it holds no row of an epoch that is trained anew, and no row twice.
 */
export class CSVLogger implements Callback {
  readonly name = 'CSVLogger';
  #history: z.infer<typeof stateSchema> = [];

  constructor(private readonly file: string) {}

  onTrainBegin(): undefined {
    this.#history = [];
  }

  /** RUN_DIRECTORY when the file cannot be written. */
  async onEpochEnd(epoch: number, logs: Logs): Promise<undefined> {
    this.#history = [...this.#history.filter((row) => row.epoch < epoch), { epoch, logs }];
    await this.#write();
  }

  /** Also where no epoch was left to train: then a row too many may stand in the file. */
  async onTrainEnd(): Promise<undefined> {
    await this.#write();
  }

  state(): unknown {
    return this.#history;
  }

  restore(state: unknown): void {
    this.#history = parseState(this.name, stateSchema, state);
  }

  async #write(): Promise<void> {
    const measured = this.#history.flatMap(({ logs }) => Object.keys(logs));
    const columns = [...new Set([...usual, ...measured])].sort();
    const rows = this.#history.map(({ epoch, logs }) => [
      String(epoch),
      ...columns.map((column) => cell(logs[column])),
    ]);
    const lines = [['epoch', ...columns], ...rows].map((row) => `${row.join(',')}\n`);
    await writeAtomically(this.file, [lines.join('')]);
  }
}

/** Numbers as Python spells them, for the readers of such files: pandas, numpy, csv. */
function cell(value: number | undefined): string {
  if (value === undefined) return '';
  if (Number.isNaN(value)) return 'nan';
  return String(value).replace('Infinity', 'inf');
}

import { savedModelOf } from '@lockstep/formats';
import { loadRun } from '../loadRun.js';
import { writeModel } from '../model/write.js';
import type { ExportOptions } from '../options/exchange.js';
import { reportWritten } from '../terminal/writtenLine.js';

/** `lockstep export RUN`: a checkpoint's model in the file of another program. */
export async function exportRun(directory: string, options: ExportOptions): Promise<number> {
  const warn = (message: string): void => console.error(`warning: ${message}`);
  const { checkpoint } = await loadRun(directory, options.checkpoint, warn);
  const model = savedModelOf(checkpoint);
  const files = await writeModel(options.output, model, options.format, directory);
  reportWritten(files, model, options);
  return 0;
}

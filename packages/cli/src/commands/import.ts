import { readModelFile } from '@lockstep/formats';
import { writeModel } from '../model/write.js';
import type { ImportOptions } from '../options/exchange.js';
import { reportWritten } from '../terminal/writtenLine.js';

/** `lockstep import FILE`: a model file of one program as that of another. */
export async function importModel(file: string, options: ImportOptions): Promise<number> {
  const model = await readModelFile(file);
  for (const note of model.notes) console.error(`warning: ${file}: ${note}`);
  const files = await writeModel(options.output, model, options.format, file);
  reportWritten(files, model, options);
  return 0;
}

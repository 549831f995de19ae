import { inspectDataset, loadDataset, validationSizeOf, withValidation } from '@lockstep/core/data';
import { side } from '../image/picture.js';
import { showDigit } from '../image/show.js';
import type { DataInspectOptions } from '../options/options.js';
import { dataTable } from '../terminal/dataTable.js';

/** `lockstep data inspect`: what a dataset holds, and what its first images look like. */
export async function inspect(options: DataInspectOptions): Promise<number> {
  const { dataset: name, dataDir, validationSplit, show, json } = options;
  const whole = await loadDataset({ name, directory: dataDir ?? undefined });
  const dataset =
    validationSplit === null
      ? whole
      : withValidation(whole, validationSizeOf(whole.train.size, validationSplit));
  const { description, train } = dataset;
  const splits = inspectDataset(dataset);
  if (json) {
    console.log(JSON.stringify({ ...description, splits }));
    return 0;
  }
  for (const line of dataTable(description, splits)) console.log(line);
  const [height, width, channels] = description.imageShape;
  const isShowable = height === side && width === side && channels === 1;
  for (let i = 0; i < Math.min(isShowable ? show : 0, train.size); i++) {
    console.log(`\ntrain image ${i}, label ${train.labels[i]}`);
    console.log(showDigit(train.images.subarray(i * side * side, (i + 1) * side * side)));
  }
  return 0;
}

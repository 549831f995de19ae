import type { Dataset } from '@lockstep/core/data';
import {
  classesPicture,
  classNamesOf,
  confusionOf,
  confusionPicture,
  mistakesPicture,
  type Predictions,
  samplesPicture,
} from '@lockstep/report';
import type { InspectedModel, LoadedModel } from '@lockstep/worker';
import { formatCount } from '../terminal/format.js';
import { imagePictures, type WhichImage } from './lookInto.js';
import type { RunView } from './page.js';
import { predictAll } from './predictAll.js';

/** Enough for all test images on an engine that is made for it; a slow one sees some of them. */
const patienceMs = 10_000;

/** What there is to see of the data, and of what the model makes of it. */
export async function samplesView(
  dataset: Dataset,
  predictor: LoadedModel,
  inspected: InspectedModel,
  which: WhichImage,
): Promise<NonNullable<RunView['samples']>> {
  const predictions = await predictAll(predictor, dataset, patienceMs);
  const { description, test } = dataset;
  const names = classNamesOf(description.name, predictions.classes);
  const mistakes = await mistakesPicture(description, test, predictions);
  const confusion = confusionPicture(confusionOf(predictions, test.labels), names);
  return {
    data: [await samplesPicture(dataset), classesPicture(dataset)],
    tested: mistakes === null ? [confusion] : [confusion, mistakes],
    image: await imagePictures(inspected, dataset, which),
    looked: lookedAt(predictions, test.size),
  };
}

function lookedAt({ size }: Predictions, all: number): string {
  if (size === all)
    return `All ${formatCount(all)} test images, with the weights of the checkpoint.`;
  return `The first ${formatCount(size)} of ${formatCount(all)} test images: the engine had no time for more.`;
}

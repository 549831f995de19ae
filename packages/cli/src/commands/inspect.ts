import { join } from 'node:path';
import { type Picture, weightPictures } from '@lockstep/report';
import { inspectModel } from '@lockstep/worker';
import { datasetOfRun } from '../datasetOfRun.js';
import { loadRun } from '../loadRun.js';
import type { InspectOptions } from '../options/seeing.js';
import { imagePictures } from '../report/lookInto.js';
import { savePictures } from '../report/savePictures.js';

/** `lockstep inspect RUN --image K`: an image on its way through the layers, and the weights, as pictures. */
export async function inspect(directory: string, options: InspectOptions): Promise<number> {
  const { checkpoint, split, image: index, output, json } = options;
  const run = await loadRun(directory, checkpoint, (message) =>
    console.error(`warning: ${message}`),
  );
  const dataset = await datasetOfRun(run.checkpoint);
  const { header, weights } = run.checkpoint;
  const model = await inspectModel(header.model, weights);
  const pictures: Picture[] = await imagePictures(model, dataset, { split, index });
  for (const layer of model.description.layers) {
    pictures.push(...(await weightPictures(layer, weights)));
  }
  model.dispose();
  const folder = output ?? join(directory, 'inspect', `${split}-${index}`);
  const files = await savePictures(pictures, folder, options);
  for (const [place, file] of files.entries()) {
    const { caption } = pictures[place]!;
    console.log(json ? JSON.stringify({ file, caption }) : `${file}: ${caption}`);
  }
  return 0;
}

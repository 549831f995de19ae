import type { ReportOptions } from '../options/seeing.js';
import { pageOf } from '../report/page.js';
import { savePictures } from '../report/savePictures.js';
import { savePage, viewRun } from '../report/writeReport.js';

/** `lockstep report RUN`: the page of a run, as the end of the run wrote it, or should have. */
export async function report(directory: string, options: ReportOptions): Promise<number> {
  const { checkpoint, split, image: index, figures } = options;
  const view = await viewRun({
    ...{ directory, checkpoint, compute: options, dataset: null, image: { split, index } },
    warn: (message) => console.error(`warning: ${message}`),
  });
  const page = await pageOf(view);
  view.dispose();
  console.log(await savePage(directory, page));
  if (figures === null) return 0;
  const pictures = page.sections
    .flatMap(({ blocks }) => blocks)
    .flatMap((block) => (block.kind === 'pictures' ? block.pictures : []));
  for (const file of await savePictures(pictures, figures, options)) console.log(file);
  return 0;
}

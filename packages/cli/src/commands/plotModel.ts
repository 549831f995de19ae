import { extname } from 'node:path';
import { LockstepError } from '@lockstep/core';
import { zoo } from '@lockstep/core/model';
import { modelPicture } from '@lockstep/report';
import { inspectModel } from '@lockstep/worker';
import { loadRun } from '../loadRun.js';
import type { PlotModelOptions, Subject } from '../options/seeing.js';
import { savePicture } from '../report/savePictures.js';

/** `lockstep plot-model [RUN | --model NAME]`: a drawing of the layers. */
export async function plotModel(
  subject: Subject,
  { checkpoint, output, theme }: PlotModelOptions,
): Promise<number> {
  const format = extname(output).slice(1);
  if (format !== 'svg' && format !== 'png') {
    throw new LockstepError('USAGE', `--output got ${output}; it takes a file in .svg or .png`);
  }
  const warn = (message: string): void => console.error(`warning: ${message}`);
  const spec =
    subject.kind === 'model'
      ? zoo[subject.name]!
      : (await loadRun(subject.directory, checkpoint, warn)).checkpoint.header.model;
  const model = await inspectModel(spec);
  await savePicture(modelPicture(model.description), output, { format, theme });
  model.dispose();
  console.log(output);
  return 0;
}

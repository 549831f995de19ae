import { join } from 'node:path';
import { toLockstepError, writeAtomically } from '@lockstep/core';
import type { Dataset } from '@lockstep/core/data';
import { type Page, readHistory, renderPage } from '@lockstep/report';
import { inspectModel } from '@lockstep/worker';
import { datasetOfRun } from '../datasetOfRun.js';
import { type ComputeOptions, openEngine } from '../devices/openEngine.js';
import { type LoadedRun, loadModel, loadRun } from '../loadRun.js';
import type { WhichImage } from './lookInto.js';
import { pageOf, type RunView } from './page.js';
import { samplesView } from './samples.js';

export interface ReportRequest {
  readonly directory: string;
  /** newest, best, or a file. */
  readonly checkpoint: string;
  readonly compute: ComputeOptions;
  /** Where it is in memory already. */
  readonly dataset: Dataset | null;
  readonly image: WhichImage;
  readonly warn: (message: string) => void;
}

/** All that there is to see of a run. Warns of what cannot be seen here, and goes on without it. */
export async function viewRun(request: ReportRequest): Promise<RunView & { dispose(): void }> {
  const run = await loadRun(request.directory, request.checkpoint, request.warn);
  const { header, weights } = run.checkpoint;
  const model = await inspectModel(header.model, weights);
  const history = await readHistory(request.directory);
  const samples = await samplesOf(run, model, request);
  return { run, history, model, samples, dispose: () => model.dispose() };
}

/** Null, with a warning, where the samples are not here, or nothing can compute with them. */
async function samplesOf(
  run: LoadedRun,
  inspected: RunView['model'],
  { compute, dataset: given, image, warn }: ReportRequest,
): Promise<RunView['samples']> {
  try {
    const dataset = given ?? (await datasetOfRun(run.checkpoint));
    const { engine } = await openEngine(compute, { mayInstall: false });
    try {
      const model = await loadModel(engine, run.checkpoint, dataset.description.imageShape);
      return await samplesView(dataset, model, inspected, image);
    } finally {
      await engine.dispose();
    }
  } catch (thrown) {
    const { code, message } = toLockstepError(thrown);
    // What was asked for is wrong, not what is there.
    if (code === 'USAGE') throw thrown;
    warn(`the report shows no images: ${message}`);
    return null;
  }
}

/**
 * Writes `RUN/report.html`.
 *
 * @returns the file
 * @throws RUN_DIRECTORY, CHECKPOINT_CORRUPT; then the file is as it was
 */
export async function writeReport(request: ReportRequest): Promise<string> {
  const view = await viewRun(request);
  try {
    return await savePage(request.directory, await pageOf(view));
  } finally {
    view.dispose();
  }
}

export async function savePage(directory: string, page: Page): Promise<string> {
  const file = join(directory, 'report.html');
  await writeAtomically(file, [renderPage(page)]);
  return file;
}

import { LockstepError } from '@lockstep/core';
import { type Dataset, globalSlice, imageSizeOf, loadDataset } from '@lockstep/core/data';
import { addMetrics, type Logs, type MetricSums, meansOf } from '@lockstep/core/metrics';
import type { LoadedModel } from '@lockstep/worker';
import { openEngine } from '../devices/openEngine.js';
import { type LoadedRun, loadModel, loadRun } from '../loadRun.js';
import type { EvaluateOptions } from '../options/options.js';
import { EvaluationLine } from '../terminal/evaluationLine.js';

/** `lockstep evaluate RUN`: loss and accuracy of a checkpoint on the whole test split. */
export async function evaluate(directory: string, options: EvaluateOptions): Promise<number> {
  const warn = (message: string): void => console.error(`warning: ${message}`);
  const run = await loadRun(directory, options.checkpoint, warn);
  const dataset = await datasetOf(run, options);
  // A minute's work is not worth a download that nobody asked for.
  const mayInstall = options.engine !== 'auto';
  const { engine } = await openEngine(options, { mayInstall });
  try {
    const model = await loadModel(engine, run.checkpoint, dataset.description.imageShape);
    const logs = await evaluateAll(model, dataset, options);
    model.dispose();
    if (options.json) {
      const { file, checkpoint } = run;
      const samples = dataset.test.size;
      const { epoch, step } = checkpoint.header.cursor;
      console.log(JSON.stringify({ checkpoint: file, epoch, step, samples, ...logs }));
    }
    return 0;
  } finally {
    await engine.dispose();
  }
}

/** The run's own test split, unless the user names another one. */
async function datasetOf(
  { checkpoint }: LoadedRun,
  { dataset, dataDir }: EvaluateOptions,
): Promise<Dataset> {
  const { config, datasetHash } = checkpoint.header;
  const isTheRuns = dataset === null && dataDir === null;
  const directory = dataDir ?? (isTheRuns ? config.dataDir : null);
  const loaded = await loadDataset({
    name: dataset ?? String(config.dataset),
    directory: typeof directory === 'string' ? directory : undefined,
  });
  if (isTheRuns && loaded.description.hash !== datasetHash) {
    throw new LockstepError(
      'CHECKPOINT_MISMATCH',
      `the samples of '${loaded.description.name}' are not those that the run was trained on`,
      { hint: 'Name the samples that you want with --dataset or --data-dir.' },
    );
  }
  return loaded;
}

async function evaluateAll(
  model: LoadedModel,
  { test, description }: Dataset,
  { batchSize, json }: EvaluateOptions,
): Promise<Logs> {
  const imageSize = imageSizeOf(description.imageShape);
  const line = json ? null : new EvaluationLine(process.stdout, test.size, batchSize);
  let sums: MetricSums = {};
  for (let position = 0; position < test.size; ) {
    const { begin, end } = globalSlice(position, test.size, batchSize);
    const batch = {
      size: end - begin,
      images: test.images.subarray(begin * imageSize, end * imageSize),
      labels: test.labels.subarray(begin, end),
    };
    sums = addMetrics(sums, await model.evaluate(batch));
    position = end;
    line?.step(position, meansOf(sums));
  }
  const logs = meansOf(sums);
  line?.end(logs);
  return logs;
}

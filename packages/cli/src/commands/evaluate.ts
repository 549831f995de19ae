import { datasetOfRun } from '../datasetOfRun.js';
import { openEngine } from '../devices/openEngine.js';
import { evaluateTest } from '../evaluateTest.js';
import { loadModel, loadRun } from '../loadRun.js';
import type { EvaluateOptions } from '../options/options.js';
import { EvaluationLine } from '../terminal/evaluationLine.js';

/** `lockstep evaluate RUN`: loss and accuracy of a checkpoint on the whole test split. */
export async function evaluate(directory: string, options: EvaluateOptions): Promise<number> {
  const warn = (message: string): void => console.error(`warning: ${message}`);
  const run = await loadRun(directory, options.checkpoint, warn);
  const dataset = await datasetOfRun(run.checkpoint, options);
  // A minute's work is not worth a download that nobody asked for.
  const mayInstall = options.engine !== 'auto';
  const { engine } = await openEngine(options, { mayInstall });
  try {
    const model = await loadModel(engine, run.checkpoint, dataset.description.imageShape);
    const { batchSize, json } = options;
    const samples = dataset.test.size;
    const line = json ? null : new EvaluationLine(process.stdout, samples, batchSize);
    const logs = await evaluateTest(model, dataset, batchSize, (done, soFar) =>
      line?.step(done, soFar),
    );
    line?.end(logs);
    model.dispose();
    if (json) {
      const { file, checkpoint } = run;
      const { epoch, step } = checkpoint.header.cursor;
      console.log(JSON.stringify({ checkpoint: file, epoch, step, samples, ...logs }));
    }
    return 0;
  } finally {
    await engine.dispose();
  }
}

import { zoo } from '@lockstep/core/model';
import { summaryTable } from '@lockstep/report';
import { inspectModel } from '@lockstep/worker';
import { loadRun } from '../loadRun.js';
import type { Subject, SummaryOptions } from '../options/seeing.js';
import { optimizerOfRun } from '../report/optimizerOfRun.js';

/** `lockstep summary [RUN | --model NAME]`: Keras's table of a model. */
export async function summary(subject: Subject, options: SummaryOptions): Promise<number> {
  const warn = (message: string): void => console.error(`warning: ${message}`);
  const run =
    subject.kind === 'run' ? await loadRun(subject.directory, options.checkpoint, warn) : null;
  const spec = subject.kind === 'run' ? run!.checkpoint.header.model : zoo[subject.name]!;
  const model = await inspectModel(spec);
  const optimizer = run === null ? null : optimizerOfRun(run);
  if (options.json) console.log(JSON.stringify({ ...model.description, optimizer }));
  else console.log(summaryTable(model.description, optimizer));
  model.dispose();
  return 0;
}

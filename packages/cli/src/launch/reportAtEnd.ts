import { toLockstepError } from '@lockstep/core';
import type { Dataset } from '@lockstep/core/data';
import type { ComputeOptions } from '../devices/openEngine.js';
import type { Renderer } from '../terminal/renderer.js';
import { onStopSignals } from './signals.js';

/**
 * Writes the page of a run that is over, whose result is told already. No run fails of it: what goes wrong is a
 * warning, and a signal meanwhile ends the process as the run would have ended.
 *
 * @param directory of the run, as the user would write it
 * @param exitCode of the run
 */
export async function reportAtEnd(
  directory: string,
  compute: ComputeOptions,
  dataset: Dataset,
  render: Pick<Renderer, 'news' | 'reported'>,
  exitCode: number,
): Promise<void> {
  const warn = (message: string): void => render.news({ news: 'warning', message });
  const leave = (): never => process.exit(exitCode);
  const stopListening = onStopSignals(leave, leave);
  try {
    const { writeReport } = await import('../report/writeReport.js');
    const image = { split: 'test', index: 0 } as const;
    const which = { directory, checkpoint: 'newest', compute, dataset, image };
    render.reported(await writeReport({ ...which, warn }));
  } catch (thrown) {
    const { message } = toLockstepError(thrown);
    warn(`there is no report: ${message}; 'lockstep report ${directory}' tries again`);
  } finally {
    stopListening();
  }
}

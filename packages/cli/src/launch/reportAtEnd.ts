import { toLockstepError } from '@lockstep/core';
import type { Renderer } from '../terminal/renderer.js';
import type { Finished } from './conduct.js';

/**
 * Writes the page of a run that is over, whose result is told already; unless it is not wanted, or not worth it: a run
 * that a signal stopped is not over, and whoever stopped it does not want to wait. No run fails of it: what goes wrong
 * is a warning.
 */
export async function reportAtEnd(
  { options, dataset, outcome, record, directory }: Finished,
  render: Pick<Renderer, 'news' | 'reported'>,
): Promise<void> {
  if (!options.report || outcome.stoppedBy === 'signal' || record.checkpoint === null) return;
  const warn = (message: string): void => render.news({ news: 'warning', message });
  try {
    const { writeReport } = await import('../report/writeReport.js');
    const image = { split: 'test', index: 0 } as const;
    const which = { directory, checkpoint: 'newest', compute: options, dataset, image };
    render.reported(await writeReport({ ...which, warn }));
  } catch (thrown) {
    const { message } = toLockstepError(thrown);
    warn(`there is no report: ${message}; 'lockstep report ${directory}' tries again`);
  }
}

import type { News, Outcome, RunRecord, Settings } from '@lockstep/coordinator';
import type { Renderer } from './renderer.js';

/** What happens in a run, in order: the news as the coordinator tells them, between our own. */
export type RunEvent =
  | ({ readonly news: 'listening'; readonly address: string; readonly localWorkers: number } & Pick<
      Settings,
      'workers' | 'precision'
    >)
  | News
  | {
      readonly news: 'ended';
      readonly outcome: Outcome;
      /** Of the run, as the user would write it. */
      readonly directory: string;
      readonly record: Readonly<RunRecord>;
    }
  /** The page of the run is written. */
  | { readonly news: 'reported'; readonly file: string };

/** Hands on what happens, one event at a time. */
export function eventRenderer(emit: (event: RunEvent) => void): Renderer {
  return {
    listening: (address, { workers, precision }, localWorkers) =>
      emit({ news: 'listening', address, workers, precision, localWorkers }),
    news: emit,
    end: (outcome, record, directory) => emit({ news: 'ended', outcome, directory, record }),
    reported: (file) => emit({ news: 'reported', file }),
  };
}

import type { News, Outcome, RunRecord, Settings } from '@lockstep/coordinator';
import { colorsOn } from '../failure.js';
import { jsonRenderer } from './json.js';
import { peopleRenderer } from './people.js';
import type { TextStream } from './screen.js';

/** What a renderer must know of the run. */
export type RendererFacts = Pick<RendererOptions, 'epochs' | 'batchSize' | 'trainSize'>;

export interface RendererOptions {
  readonly stream: TextStream;
  /** Where a failed run is reported to people; with `json` that is the last line of `stream`. */
  readonly errors: TextStream;
  readonly json: boolean;
  /** 0: warnings and the result, 1: a progress bar in a terminal, 2: one line per epoch, and more of the rest. */
  readonly verbose: 0 | 1 | 2;
  readonly epochs: number;
  readonly batchSize: number;
  readonly trainSize: number;
  readonly colors: boolean;
  /** Milliseconds from anywhere. */
  readonly now: () => number;
}

/** Tells of a run, from the address that it listens on to its end. */
export interface Renderer {
  listening(
    address: string,
    settings: Pick<Settings, 'workers' | 'precision'>,
    localWorkers: number,
  ): void;
  news(news: News): void;
  /** @param directory of the run, as the user would write it */
  end(outcome: Outcome, record: Readonly<RunRecord>, directory: string): void;
  /** After the end: the run's page is written. */
  reported(file: string): void;
}

type Defaulted = 'errors' | 'colors' | 'now';

export function createRenderer(
  given: Omit<RendererOptions, Defaulted> & Partial<Pick<RendererOptions, Defaulted>>,
): Renderer {
  const options: RendererOptions = {
    errors: process.stderr,
    colors: colorsOn(given.stream),
    now: () => performance.now(),
    ...given,
  };
  return options.json ? jsonRenderer(options.stream) : peopleRenderer(options);
}

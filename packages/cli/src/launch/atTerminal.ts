import { exitCodeOfOutcome, type Sourced } from '@lockstep/coordinator';
import type { TrainOptions } from '../options/options.js';
import { createRenderer } from '../terminal/renderer.js';
import { launch, type Place } from './launch.js';
import { onStopSignals } from './signals.js';

/**
 * A run of the command line: shown on stdout, stopped by signals.
 *
 * @returns the exit code
 */
export async function launchAtTerminal(
  options: TrainOptions,
  sources: Record<string, Sourced>,
  place: Place,
): Promise<number> {
  const { json, verbose } = options;
  const { outcome } = await launch(
    { options, sources, place, model: null, dataset: null, callbacks: [] },
    {
      createRenderer: (facts) =>
        createRenderer({ stream: process.stdout, json, verbose, ...facts }),
      onStop: onStopSignals,
    },
  );
  return exitCodeOfOutcome(outcome);
}

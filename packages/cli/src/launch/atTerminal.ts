import { exitCodeOfOutcome, type Sourced } from '@lockstep/coordinator';
import type { TrainOptions } from '../options/options.js';
import { createRenderer, type Renderer } from '../terminal/renderer.js';
import { launch } from './launch.js';
import type { Place } from './plannedRun.js';
import { reportAtEnd } from './reportAtEnd.js';
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
  let render: Renderer | null = null;
  const finished = await launch(
    { options, sources, place, model: null, dataset: null, callbacks: [] },
    {
      createRenderer: (facts) => {
        render = createRenderer({ stream: process.stdout, json, verbose, ...facts });
        return render;
      },
      onStop: onStopSignals,
    },
  );
  const exitCode = exitCodeOfOutcome(finished.outcome);
  // A signal while the report is written ends the process as the run would have ended.
  const leave = (): never => process.exit(exitCode);
  const stopListening = onStopSignals(leave, leave);
  await reportAtEnd(finished, render!);
  stopListening();
  return exitCode;
}

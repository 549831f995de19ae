import type { Sourced } from '@lockstep/coordinator';
import { launchAtTerminal } from '../launch/atTerminal.js';
import type { TrainOptions } from '../options/options.js';

/** `lockstep train`: a coordinator with N local workers, or (`--workers 0`) all in this process. */
export function train(options: TrainOptions, sources: Record<string, Sourced>): Promise<number> {
  return launchAtTerminal(options, sources, { kind: 'here' });
}

import type { Sourced } from '@lockstep/coordinator';
import { launch } from '../launch/launch.js';
import type { TrainOptions } from '../options/options.js';

/** `lockstep train`: a coordinator with N local workers, or (`--workers 0`) all in this process. */
export function train(options: TrainOptions, sources: Record<string, Sourced>): Promise<number> {
  const alone = options.workers === 0;
  return launch({
    options,
    sources,
    listen: alone ? null : 'tcp://127.0.0.1:0',
    localWorkers: options.workers,
  });
}

import { LockstepError } from '@lockstep/core';
import { hasCheckpoint } from '../launch/runDirectory.js';

/**
 * The directory of the run to go on with; null: a new one begins. `auto` goes on with the run in `--run-dir` once it has
 * a checkpoint, so that one command line starts a run and starts it again.
 *
 * @throws USAGE for `auto` without `--run-dir`
 */
export function runToResume({
  resume,
  runDir,
}: {
  readonly resume: string | null;
  readonly runDir: string | null;
}): string | null {
  if (resume !== 'auto') return resume;
  if (runDir === null) {
    throw new LockstepError('USAGE', '--resume auto needs to know which run it is', {
      hint: 'Give the directory of the run with --run-dir.',
    });
  }
  return hasCheckpoint(runDir) ? runDir : null;
}

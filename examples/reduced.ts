import type { TrainSettings } from '@lockstep/cli';

/**
 * What the examples are started with where they are to be done in seconds: `--reduced DIR` trains a few steps on the
 * small dataset in DIR. Without it they are what they say.
 */
export function reduced(): Pick<TrainSettings, 'dataset' | 'epochs' | 'steps' | 'logEvery'> {
  const [directory] = process.argv.slice(process.argv.indexOf('--reduced') + 1);
  if (!process.argv.includes('--reduced') || directory === undefined) return {};
  return { dataset: { directory, name: 'mnist' }, epochs: 2, steps: 12, logEvery: 5 };
}

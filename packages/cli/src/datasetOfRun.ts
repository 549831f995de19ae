import { LockstepError } from '@lockstep/core';
import type { Checkpoint } from '@lockstep/core/checkpoint';
import { type Dataset, loadDataset } from '@lockstep/core/data';

/** Other samples than the run's; null: not those. */
interface OtherSamples {
  readonly dataset: string | null;
  readonly dataDir: string | null;
}

/**
 * The run's own samples, unless others are named.
 *
 * @throws CHECKPOINT_MISMATCH where the run's own have other bytes by now
 */
export async function datasetOfRun(
  { header: { config, datasetHash } }: Checkpoint,
  { dataset, dataDir }: OtherSamples = { dataset: null, dataDir: null },
): Promise<Dataset> {
  const isTheRuns = dataset === null && dataDir === null;
  const directory = dataDir ?? (isTheRuns ? config.dataDir : null);
  const loaded = await loadDataset({
    name: dataset ?? String(config.dataset),
    directory: typeof directory === 'string' ? directory : undefined,
  });
  if (isTheRuns && loaded.description.hash !== datasetHash) {
    throw new LockstepError(
      'CHECKPOINT_MISMATCH',
      `the samples of '${loaded.description.name}' are not those that the run was trained on`,
      { hint: 'Name the samples that you want with --dataset or --data-dir.' },
    );
  }
  return loaded;
}

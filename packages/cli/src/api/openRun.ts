import type { RunRecord } from '@lockstep/coordinator';
import { LockstepError } from '@lockstep/core';
import { type Dataset, imageSizeOf } from '@lockstep/core/data';
import type { Logs } from '@lockstep/core/metrics';
import type { Engine, LoadedModel } from '@lockstep/worker';
import { datasetOfRun } from '../datasetOfRun.js';
import { openEngine } from '../devices/openEngine.js';
import { evaluateTest } from '../evaluateTest.js';
import { type LoadedRun, loadModel, loadRun } from '../loadRun.js';
import { type DatasetChoice, loadChoice } from '../model/userModule.js';
import type { ValuesOf } from '../options/flag.js';
import { predictFlags } from '../options/results.js';
import { readFlagSettings } from './readFlagSettings.js';

type Values = ValuesOf<typeof predictFlags>;

/** The flags of `lockstep predict` that say which checkpoint and what computes. */
export interface OpenRunSettings extends Partial<Omit<Values, 'json' | 'show'>> {
  /** Height, width, channels of an image; by default those of MNIST. */
  readonly imageShape?: readonly [number, number, number];
}

/**
 * Loads a checkpoint of a run, in this process or another one than it was trained in.
 *
 * @throws RUN_DIRECTORY, CHECKPOINT_CORRUPT, ENGINE_UNAVAILABLE, USAGE
 */
export async function openRun(
  directory: string,
  { imageShape = [28, 28, 1], ...settings }: OpenRunSettings = {},
): Promise<TrainedModel> {
  const { values } = readFlagSettings(settings, predictFlags);
  const run = await loadRun(directory, values.checkpoint, (message) =>
    process.emitWarning(message, 'LockstepWarning'),
  );
  const { engine } = await openEngine(values, { mayInstall: values.engine !== 'auto' });
  try {
    const model = await loadModel(engine, run.checkpoint, imageShape);
    return new TrainedModel(run, engine, model, imageSizeOf(imageShape));
  } catch (thrown) {
    await engine.dispose();
    throw thrown;
  }
}

/** A trained network in an engine of this process. Call `dispose` when done with it. */
export class TrainedModel {
  constructor(
    private readonly run: LoadedRun,
    private readonly engine: Engine,
    private readonly model: LoadedModel,
    private readonly imageSize: number,
  ) {}

  /** What is in `run.json`. */
  get record(): Readonly<RunRecord> {
    return this.run.record;
  }

  /** The samples that the run was trained and tested on, as they lie; none is split off. */
  samples(): Promise<Dataset> {
    return datasetOfRun(this.run.checkpoint);
  }

  /** @returns loss and metrics on the test split of the run's own samples, or of others */
  async evaluate(others?: DatasetChoice, { batchSize = 256 } = {}): Promise<Logs> {
    const dataset =
      others === undefined ? await this.samples() : (await loadChoice(others)).dataset;
    return evaluateTest(this.model, dataset, batchSize);
  }

  /**
   * @param images `[count, height, width, channels]` flat, uint8
   * @returns the network's outputs for each image
   */
  async predict(images: Uint8Array): Promise<Float32Array[]> {
    const size = images.length / this.imageSize;
    if (!Number.isInteger(size) || size === 0) {
      throw new LockstepError(
        'USAGE',
        `${images.length} pixels are no images of ${this.imageSize}`,
        {
          hint: 'Give whole images, one after the other.',
        },
      );
    }
    const outputs = await this.model.predict({ size, images });
    const units = outputs.length / size;
    return Array.from({ length: size }, (_none, i) => outputs.slice(i * units, (i + 1) * units));
  }

  async dispose(): Promise<void> {
    this.model.dispose();
    await this.engine.dispose();
  }
}

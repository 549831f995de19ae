import { LockstepError } from '../../errors.js';
import { concatenate, emptyBatch, imageSizeOf, sliceBatch } from '../batch.js';
import type { Batch, DatasetDescription, EvaluationSplit, Range, SplitName } from '../dataset.js';
import { assertWithin, rangeLength } from '../range.js';
import { type ChunkRequest, maximumChunkBytes, maximumChunkSamples } from './chunk.js';
import { ChunkPlan } from './chunkPlan.js';
import { cutRange, groupRanges } from './grouping.js';
import type { SampleSource } from './sampleSource.js';

export interface RemoteSamplesOptions {
  /** Of the coordinator's dataset. */
  readonly description: DatasetDescription;
  /** Asks the coordinator (`chunkFor` answers) and waits for no longer than its own deadline. */
  readonly fetchChunk: (request: ChunkRequest) => Promise<Batch>;
  /** Samples in a chunk; less where images are so large that a chunk would not fit into a message. */
  readonly chunkSamples?: number;
}

const defaultChunkSamples = 4_096;

/**
 * Samples that the coordinator sends, for ranks that have no dataset. Several steps are fetched at once,
 * and the next chunk while the present one is used, so that a step rarely waits for its samples.
 */
export class RemoteSamples implements SampleSource {
  readonly #description: DatasetDescription;
  readonly #imageSize: number;
  readonly #chunkSamples: number;
  readonly #fetchChunk: RemoteSamplesOptions['fetchChunk'];
  #plan: ChunkPlan | undefined;

  constructor({ description, fetchChunk, chunkSamples }: RemoteSamplesOptions) {
    this.#description = description;
    this.#imageSize = imageSizeOf(description.imageShape);
    this.#fetchChunk = fetchChunk;
    const wanted = Math.min(chunkSamples ?? defaultChunkSamples, maximumChunkSamples);
    this.#chunkSamples = Math.max(
      1,
      Math.min(wanted, Math.floor(maximumChunkBytes / this.#imageSize)),
    );
  }

  plan(epoch: number, ranges: readonly Range[]): void {
    const used = ranges.filter((range) => rangeLength(range) > 0);
    this.#plan = new ChunkPlan(epoch, used, this.#chunkSamples, (chunk) =>
      this.#fetch('train', epoch, chunk),
    );
    this.#plan.prefetch(0);
  }

  async train(epoch: number, range: Range): Promise<Batch> {
    assertWithin(range, this.#description.trainSize);
    const plan = this.#plan;
    const place = plan?.epoch === epoch ? plan.find(range) : undefined;
    if (plan === undefined || place === undefined) return this.#fetch('train', epoch, [range]);
    const chunk = await plan.use(place.chunk);
    // Only now: two chunks at a time would delay the one that is waited for.
    if (plan === this.#plan) plan.prefetch(place.chunk + 1);
    return sliceBatch(chunk, this.#imageSize, place.rows);
  }

  async evaluation(split: EvaluationSplit, range: Range): Promise<Batch> {
    const { testSize, validationSize } = this.#description;
    assertWithin(range, split === 'test' ? testSize : validationSize);
    return this.#fetch(split, null, [range]);
  }

  /** The ranges one after another, in as many requests as their length takes: mostly one. */
  async #fetch(split: SplitName, epoch: number | null, ranges: readonly Range[]): Promise<Batch> {
    const pieces = ranges.flatMap((range) => cutRange(range, this.#chunkSamples));
    const batches: Batch[] = [];
    for (const group of groupRanges(pieces, this.#chunkSamples)) {
      const request: ChunkRequest = { split, epoch, ranges: group };
      batches.push(this.#checked(request, await this.#fetchChunk(request)));
    }
    return batches.length === 0 ? emptyBatch : concatenate(batches, this.#imageSize);
  }

  /** What arrives is validated before it is believed: an engine would read past a short batch. */
  #checked(request: ChunkRequest, batch: Batch): Batch {
    const expected = request.ranges.reduce((sum, range) => sum + rangeLength(range), 0);
    const sizes = `${batch.size} samples, ${batch.labels.length} labels and ${batch.images.length} bytes of images`;
    if (
      batch.size !== expected ||
      batch.labels.length !== expected ||
      batch.images.length !== expected * this.#imageSize
    ) {
      throw violation(`${sizes} for ${expected} samples of ${this.#imageSize} bytes`);
    }
    const stray = batch.labels.find((label) => label >= this.#description.classes);
    if (stray !== undefined) {
      throw violation(`a label ${stray} of a dataset with ${this.#description.classes} classes`);
    }
    return batch;
  }
}

function violation(what: string): LockstepError {
  return new LockstepError('PROTOCOL_VIOLATION', `the coordinator sent ${what}`, {
    hint: 'Start the worker and the coordinator from the same version of Lockstep.',
  });
}

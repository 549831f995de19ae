export { type DatasetArrays, datasetFromArrays, type SplitArrays } from './arrays.js';
export { emptyBatch, imageSizeOf, sliceBatch } from './batch.js';
export type {
  Batch,
  Dataset,
  DatasetDescription,
  EvaluationSplit,
  Range,
  Split,
  SplitName,
} from './dataset.js';
export { inspectDataset, type SplitSummary } from './inspect.js';
export { permutation } from './permutation.js';
export { Random } from './random.js';
export { assertWithin, rangeLength } from './range.js';
export { type ChunkRequest, chunkFor, maximumChunkSamples } from './samples/chunk.js';
export { LocalSamples } from './samples/localSamples.js';
export { RemoteSamples, type RemoteSamplesOptions } from './samples/remoteSamples.js';
export type { SampleSource } from './samples/sampleSource.js';
export { evaluationSlice, globalSlice, rankSlice, stepCount } from './shard.js';
export { type DatasetLocation, datasetNames, loadDataset } from './sources/registry.js';
export { validationSizeOf, withValidation } from './validationSplit.js';

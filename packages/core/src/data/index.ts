export type { Batch, Dataset, DatasetDescription, Range, Split, SplitName } from './dataset.js';

export type { Checkpoint } from './checkpoint.js';
export type { CheckpointHeader } from './header.js';
export { CheckpointStore, type NewestCheckpoint, type StoredCheckpoint } from './store.js';

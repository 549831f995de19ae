export { partition } from './partition.js';
export { PeerEndpoint } from './peers/index.js';
export {
  type Compression,
  compressions,
  type Reducer,
  type ReducerName,
  type ReducerOptions,
  reducerNames,
} from './reducer.js';
export { createRing, type RingPlace } from './ring/index.js';
export { createSharedMemory, type SharedMemoryPlace } from './sharedMemory/sharedMemory.js';

export { partition } from './partition.js';
export {
  type Compression,
  compressions,
  type Reducer,
  type ReducerName,
  type ReducerOptions,
  reducerNames,
} from './reducer.js';
export { createSharedMemory, type SharedMemoryPlace } from './sharedMemory/sharedMemory.js';

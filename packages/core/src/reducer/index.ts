export {
  FactorExchange,
  type FactoredKernel,
  type FactorPlaces,
  type FactorProduct,
  type Factors,
  isWorthFactoring,
} from './factors/index.js';
export { createHierarchical, type HierarchicalPlace } from './hierarchical/index.js';
export { KernelMemory } from './kernels/kernelMemory.js';
export { partition } from './partition.js';
export { type FrameHeader, headerBytes, PeerEndpoint } from './peers/index.js';
export {
  type Compression,
  compressions,
  type Reducer,
  type ReducerName,
  type ReducerOptions,
  reducerNames,
  type SharedArrays,
} from './reducer.js';
export {
  createRing,
  KernelArithmetic,
  type Place,
  Ring,
  type RingArithmetic,
  type RingClock,
  RingCore,
  type RingNetwork,
  type RingPlace,
  ringChunkLength,
} from './ring/index.js';
export { createSharedMemory, type SharedMemoryPlace } from './sharedMemory/sharedMemory.js';

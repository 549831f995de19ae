export type { Place, RingArithmetic } from './arithmetic.js';
export { type RingClock, RingCore, type RingNetwork } from './core.js';
export { KernelArithmetic } from './kernelArithmetic.js';
export type { RingPlace } from './neighbours.js';
export { createRing, Ring, ringChunkLength } from './ring.js';

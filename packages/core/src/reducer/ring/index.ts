export type { RingPlace } from './neighbours.js';
export { createRing } from './ring.js';

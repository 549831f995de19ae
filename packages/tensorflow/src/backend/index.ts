export { attributeType, type OpAttribute } from './attributes.js';
export { startTensorFlow, type TensorFlow } from './backend.js';
export type { Binding, TensorMetadata } from './binding.js';
export type { Device } from './devices.js';
export type { NodeBackend } from './nodeKernels.js';

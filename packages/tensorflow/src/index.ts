export {
  attributeType,
  type Binding,
  type Device,
  type NodeBackend,
  startTensorFlow,
  type TensorFlow,
  type TensorMetadata,
} from './backend/index.js';
export {
  CapturedFunction,
  type CaptureOptions,
  type Feeds,
  FrozenFunction,
  GraphSpace,
  type GraphVariable,
  orderAfter,
  type Results,
  type Signature,
  type TensorFunction,
  type VariableValues,
} from './capture/index.js';
export type { Graph, Operation, Output } from './graph/graph.js';
export { dataType } from './native/dataTypes.js';
export type { Pointer } from './native/functions.js';
export { alignedFloats } from './native/memory.js';

export {
  attributeType,
  type NodeBackend,
  startTensorFlow,
  type TensorMetadata,
} from './backend/index.js';
export { CapturedFunction, GraphSpace } from './capture/index.js';
export { dataType } from './native/dataTypes.js';
export { loadLibrary } from './native/library.js';

export {
  CapturedFunction,
  type CaptureOptions,
  type Feeds,
  type Finish,
  type Results,
} from './captured.js';
export type { FeedArray, InputSpec, Signature } from './signature.js';
export { GraphSpace, type GraphVariable } from './space.js';
export type { TensorFunction } from './trace.js';

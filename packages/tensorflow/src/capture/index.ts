export { CapturedFunction, type CaptureOptions, type Finish } from './captured.js';
export type { Feeds, Results } from './compiled.js';
export { FrozenFunction } from './frozen.js';
export { orderAfter } from './orderAfter.js';
export type { FeedArray, InputSpec, Signature } from './signature.js';
export { GraphSpace } from './space.js';
export type { TensorFunction } from './trace.js';
export type { GraphVariable, VariableValues } from './variableValues.js';

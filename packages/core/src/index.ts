export { fileError, writeAtomically } from './atomicFile.js';
export {
  type ErrorCode,
  type ErrorDetails,
  errorCodes,
  exitCodeOf,
  LockstepError,
  meaningOf,
  type StopSignal,
  signalExitCodes,
  toLockstepError,
} from './errors.js';
export { bytesOf, canonicalJson, hashOfJson, sha256 } from './hash.js';
export { isAlive } from './isAlive.js';
export { isFiniteArray } from './isFiniteArray.js';
export {
  learningRateAt,
  type RateScaling,
  rateScalingSchema,
  unscaled,
} from './learningRate.js';
export { makeFolder } from './makeFolder.js';
export { type OnNaN, onNaNPolicies } from './onNaN.js';
export {
  type OptimizerConfig,
  type OptimizerOptions,
  optimizerConfigSchema,
  optimizerNames,
} from './optimizer.js';
export { makeOutputFolder } from './outputFolder.js';
export { type Precision, precisions } from './precision.js';
export { type AllReduceName, allReduceNames, choose, type Trial } from './reducer/choose.js';
export { type Compression, compressions } from './reducer/reducer.js';
export { callUserCode } from './userCode.js';

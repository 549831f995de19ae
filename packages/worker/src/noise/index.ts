export { Noise } from './noise.js';
export {
  registerUniformBySample,
  UniformBySample,
  type UniformBySampleAttributes,
  type UniformBySampleInputs,
} from './uniformBySample.js';
export { groupsPerSample } from './uniforms.js';

export { Noise } from './noise.js';
export { registerUniformBySample } from './uniformBySample.js';

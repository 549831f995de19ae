export { refuseUnfitNoise } from './refusals.js';
export { classNamesOfOurs, drawNoiseFrom } from './register.js';

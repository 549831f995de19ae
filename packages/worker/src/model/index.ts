export { type BuiltModel, buildModel } from './build.js';

export { readModelFile, writeModelFile } from './files.js';
export { type FlatState, fitState } from './fit.js';
export { savedModelOf } from './flat.js';
export { withTopology, withWeights } from './keras/writing.js';
export type { SavedModel } from './savedModel.js';

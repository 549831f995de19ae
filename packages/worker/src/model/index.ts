export { type BuiltModel, buildModel, buildNetwork } from './build.js';
export { drawNoiseFrom } from './noiseLayers/index.js';
export { refuseUnfitLayers } from './refusals.js';
export { type LayerJson, layersOf, nameOf } from './topology.js';

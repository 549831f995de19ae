export { type InspectedModel, inspectModel } from './inspect.js';

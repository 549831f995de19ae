export { type Axis, powersWithin } from './axis.js';
export { drawFigure, type Figure } from './figure.js';
export type { Series } from './series.js';
export { renderSvg } from './svg.js';

export { type Axis, powersWithin } from './axis.js';
export { drawFigure, type Figure, type Series } from './figure.js';
export { renderSvg } from './svg.js';

export type { Collective } from './collective.js';

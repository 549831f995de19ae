export { Group } from './group.js';

export { Group } from './group.js';
export { hostIdentity } from './hostIdentity.js';
export { reducerMaker } from './reducerMaker.js';

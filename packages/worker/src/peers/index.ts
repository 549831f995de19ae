export { Group } from './group.js';
export { type OwnPeer, openPeer, type PeerPlace } from './introduction.js';
export { reducerMaker } from './reducerMaker.js';

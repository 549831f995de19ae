export { PeerEndpoint } from './endpoint.js';
export { type FrameHeader, type FrameKind, frame, frameKinds, headerBytes } from './frameHeader.js';
export type { FrameSink, PeerConnection } from './wire.js';

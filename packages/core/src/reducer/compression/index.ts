export type { Codec } from './codec.js';
export { makeCodec } from './makeCodec.js';

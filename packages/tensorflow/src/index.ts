export { loadLibrary } from './native/library.js';

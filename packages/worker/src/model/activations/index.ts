export { isKnownActivation } from './register.js';

export type { Callback, CallbackContext, Verdict } from './callback.js';

import { LockstepError } from '../errors.js';
import type { Frames } from './transport.js';

/** ZeroMQ takes a message without frames and sends nothing, without a word. */
export function requireFrames(frames: Frames): void {
  if (frames.length === 0) {
    throw new LockstepError('INTERNAL', 'a message needs at least one frame');
  }
}

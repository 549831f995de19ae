import { fileURLToPath } from 'node:url';
import { LockstepError } from '@lockstep/core';

/** CAPTURE_FAILED, with the place in the caller's code. */
export function refusal(what: string, hint: string, cause?: unknown): LockstepError {
  const place = callSite();
  const where = place === null ? '' : ` (${place})`;
  return new LockstepError('CAPTURE_FAILED', `${what}${where}`, {
    hint,
    ...(cause === undefined ? {} : { cause }),
  });
}

/** The innermost frame that is neither TensorFlow.js nor this folder: `at forward (model.js:12:5)`. */
function callSite(): string | null {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 60;
  const frames = (new Error().stack ?? '').split('\n').slice(1);
  Error.stackTraceLimit = limit;
  const frame = frames.find((line) => !isInside(line));
  return frame?.trim() ?? null;
}

const folder = fileURLToPath(new URL('.', import.meta.url));

/** Also of frames that are nowhere in a file, as `at Array.map (<anonymous>)`. */
function isInside(frame: string): boolean {
  if (!/:\d+:\d+/.test(frame)) return true;
  if (frame.includes('node_modules') || frame.includes('node:')) return true;
  // The tests beside these files are callers like any others.
  return frame.includes(folder) && !frame.includes('.test.');
}

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
  const inside = [
    import.meta.url.slice(0, import.meta.url.lastIndexOf('/')),
    'node_modules',
    'node:',
  ];
  const frame = frames.find((line) => !inside.some((part) => line.includes(part)));
  return frame?.trim() ?? null;
}

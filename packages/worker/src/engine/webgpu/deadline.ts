import { LockstepError } from '@lockstep/core';

/** Drivers answer in milliseconds; those that start a GPU out of power save, in a second or two. */
const seconds = 20;

/** ENGINE_UNAVAILABLE where the driver does not answer. */
export async function withinDeadline<Result>(
  work: Promise<Result>,
  what: string,
  milliseconds = seconds * 1000,
): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const message = `webgpu: the driver gave no ${what} in ${milliseconds / 1000} s`;
      const hint = 'Restart the machine or its driver, or choose another engine.';
      reject(new LockstepError('ENGINE_UNAVAILABLE', message, { hint }));
    }, milliseconds);
  });
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}

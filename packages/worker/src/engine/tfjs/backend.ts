import { LockstepError } from '@lockstep/core';
import { backend, env, findBackend, getBackend, setBackend } from '@tensorflow/tfjs-core';

/** Starts a TensorFlow.js backend, or throws ENGINE_UNAVAILABLE with the reason. */
export async function startBackend(name: string): Promise<void> {
  // Production mode: no advice on the terminal to install another backend. Engines are chosen by name.
  env().set('PROD', true);
  let cause: unknown;
  try {
    if (await setBackend(name)) return;
  } catch (thrown) {
    cause = thrown;
  }
  const reason = cause instanceof Error ? cause.message : 'TensorFlow.js could not start it';
  throw new LockstepError('ENGINE_UNAVAILABLE', `the engine '${name}' does not work: ${reason}`, {
    hint: "Run 'lockstep doctor' to see which engines work here.",
    cause,
  });
}

/**
 * Makes a started backend the current one, of which TensorFlow.js has one for the whole process. Call it
 * before each synchronous piece of work: after an await, another engine may have been at work.
 *
 * The backend itself is compared too: a backend that finishes starting puts itself in place without
 * asking whose name is current by then. For a started backend, setBackend does its work before it returns
 * its promise.
 */
export function useBackend(name: string): void {
  if (getBackend() !== name || backend() !== findBackend(name)) void setBackend(name);
}

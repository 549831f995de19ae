import { type StopSignal, signalExitCodes } from '@lockstep/core';

/**
 * The first signal asks for a clean stop; the second ends the process at once, with the exit code that
 * shells give to it.
 *
 * @returns stops listening
 */
export function onStopSignals(
  ask: (signal: StopSignal) => void,
  atOnce: (signal: StopSignal) => void,
): () => void {
  let asked = false;
  const handlers = (Object.keys(signalExitCodes) as StopSignal[]).map((signal) => {
    const handler = (): void => {
      if (asked) {
        atOnce(signal);
        process.exit(signalExitCodes[signal]);
      }
      asked = true;
      ask(signal);
    };
    process.on(signal, handler);
    return { signal, handler };
  });
  return () => {
    for (const { signal, handler } of handlers) process.removeListener(signal, handler);
  };
}

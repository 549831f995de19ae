/** In a worker process: whoever started it hears what Lockstep warns of, and shows it to people. */
export function passOnWarnings(): void {
  process.on('warning', ({ name, message }) => {
    if (name !== 'LockstepWarning' || !process.connected) return;
    // Nobody hears it any more where that fails.
    process.send?.({ warning: message }, undefined, undefined, () => undefined);
  });
}

/** The warning in what a worker process sent; null where there is none. */
export function warningIn(message: unknown): string | null {
  if (typeof message !== 'object' || message === null || !('warning' in message)) return null;
  return typeof message.warning === 'string' ? message.warning : null;
}

export interface Limits<Value> {
  readonly limitMs: number;
  /** Ends the wait with its reason. */
  readonly signal: AbortSignal;
  /** What to say when the time is over. */
  readonly expired: () => Error;
  /** Gets what comes when nobody waits for it any more. */
  readonly late: (value: Value) => void;
}

/** What work comes to, unless its time is over or the signal is given before: then nobody waits for it. */
export function within<Value>(work: Promise<Value>, limits: Limits<Value>): Promise<Value> {
  const { limitMs, signal, expired, late } = limits;
  return new Promise((resolve, reject) => {
    let waiting = true;
    const settle = (act: () => void): void => {
      if (!waiting) return;
      waiting = false;
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      act();
    };
    const onAbort = (): void => settle(() => reject(signal.reason));
    const timer = setTimeout(() => settle(() => reject(expired())), limitMs);
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
    work.then(
      (value) => (waiting ? settle(() => resolve(value)) : late(value)),
      (reason: unknown) => settle(() => reject(reason)),
    );
  });
}

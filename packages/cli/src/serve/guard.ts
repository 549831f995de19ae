/** Most bytes of a drawing: a canvas's PNG has some ten thousand. */
export const mostBytes = 1_000_000;

/**
 * Whether a request was meant for this machine. A page from elsewhere can make a browser ask here, under a name of
 * its own that leads to this address (DNS rebinding); the Host that it sends gives it away.
 */
export function isForThisMachine(host: string | undefined): boolean {
  if (host === undefined) return false;
  return /^(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?$/.test(host);
}

/** Whether a request comes from our own page: others may not ask, though they could not read the answer. */
export function isFromOwnPage(origin: string | undefined, host: string | undefined): boolean {
  return origin === undefined || origin === `http://${host}`;
}

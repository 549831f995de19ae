import type { Endpoint } from '../network/endpoint.js';
import type { VirtualTime } from '../time/virtualTime.js';

/**
 * Computes for that long on an endpoint, from what its core has done so far. Messages come first: while the
 * endpoint computes with its core, what the core does for them is added. A device beside the core (`sharesCore`
 * false) is not held up by them.
 *
 * @param seconds on a rank that is not slow
 */
export async function compute(
  clock: VirtualTime,
  { core, slowness }: Endpoint,
  seconds: number,
  sharesCore: boolean,
): Promise<void> {
  let spent = core.spent;
  let end = core.time + seconds * slowness;
  while (end > clock.now) {
    await clock.until(end);
    if (!sharesCore) return;
    end = clock.now + (core.spent - spent);
    spent = core.spent;
  }
}

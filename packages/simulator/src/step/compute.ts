import type { Endpoint } from '../network/endpoint.js';
import type { VirtualTime } from '../time/virtualTime.js';

/**
 * Computes for that long on an endpoint, from what its core has done so far. Messages come first: while the
 * endpoint computes with its core, what the core does for them is added. All ranks compute at about the same time,
 * so those that share a core take as many times as long. A device beside the core (`sharesCore` false) knows
 * nothing of either.
 *
 * @param seconds on a rank that is not slow, and has its core for itself
 */
export async function compute(
  clock: VirtualTime,
  { core, slowness, sharers }: Endpoint,
  seconds: number,
  sharesCore: boolean,
): Promise<void> {
  let spent = core.spent;
  let end = core.time + seconds * slowness * (sharesCore ? sharers : 1);
  while (end > clock.now) {
    await clock.until(end);
    if (!sharesCore) return;
    end = clock.now + (core.spent - spent);
    spent = core.spent;
  }
}

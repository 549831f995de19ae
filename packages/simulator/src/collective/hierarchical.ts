import type { Range } from '@lockstep/core/data';
import type { Endpoint } from '../network/endpoint.js';
import { type Adder, whole } from './adder.js';
import type { SharedHost } from './sharedHost.js';

/**
 * A model of the hierarchy: what the ranks of a host have added up in shared memory goes around a ring of the hosts'
 * first ranks, range by range, and is read by all where it comes to lie.
 *
 * @param ring of the hosts' first ranks; null on all others, and where there is one host
 */
export function hierarchical(
  endpoint: Endpoint,
  host: SharedHost,
  ring: Adder | null,
  length: number,
): Adder {
  /** Each range when the sum over this host is there. */
  async function* summed(ready: AsyncIterable<Range>): AsyncGenerator<Range> {
    for await (const range of ready) {
      await host.meet(endpoint);
      await host.addPart(endpoint, range);
      await host.meet(endpoint);
      yield range;
    }
  }
  return {
    async allReduce(_weight, ready = whole(length)) {
      if (ring !== null) await ring.allReduce(1, summed(ready));
      else for await (const _ of summed(ready));
      await host.meet(endpoint);
    },
  };
}

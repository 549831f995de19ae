import type { NetworkDescription } from '../network/description.js';
import { bitsPerByte, giga, micro } from '../network/units.js';

/** Of a ring whose ranks are on hosts of their own. */
interface RingSize {
  readonly ranks: number;
  /** Of the array, as it crosses: float32. */
  readonly bytes: number;
  /** What is sent at once. */
  readonly chunkBytes: number;
}

/**
 * What an all-reduce around a ring costs by arithmetic: seconds.
 *
 * A slice of 1/n of the array makes 2 (n - 1) hops (Patarasuk and Yuan 2009). A hop of one chunk takes the latency, the
 * chunk's time on the link, and what the core at its end does about it: it receives, adds (on half of the hops) and
 * sends on. Slices of
 * several chunks leave while their first chunk is on its way: then a hop takes what its slowest part takes for a whole
 * slice, and the latency is hidden behind it. So the usual
 *
 *   2 (n - 1) (latency + bytes / n / bandwidth)
 *
 * holds for slices of one chunk, and is an upper bound for longer ones, where nothing but the network costs anything.
 */
export function analyticRing(
  { link, processor }: NetworkDescription,
  { ranks, bytes, chunkBytes }: RingSize,
): number {
  const slice = bytes / ranks;
  const chunk = Math.min(slice, chunkBytes);
  const chunks = slice / chunk;
  const wire = (chunk * bitsPerByte) / (link.gigabitsPerSecond * giga * link.payloadShare);
  const latency = link.latencyMicroseconds * micro;
  const copy = chunk / (processor.copyGigabytesPerSecond * giga);
  const add = chunk / (processor.addGigabytesPerSecond * giga);
  const send = processor.sendMicroseconds * micro + copy;
  const receive = processor.receiveMicroseconds * micro + copy;
  // From a slice's first chunk at one rank to its first chunk at the next one.
  const hop = (core: number) => Math.max(chunks * Math.max(wire, core), core + wire + latency);
  const [adding, passing] = [receive + add + send, receive + send];
  const first = add + send + wire + latency + hop(adding);
  // Each rank weighs and sends a slice of its own before it looks at what has come meanwhile.
  const firstAtLeast = chunks * (add + send + adding);
  const last = (chunks - 1) * Math.max(wire, receive) + receive;
  return Math.max(first, firstAtLeast) + (ranks - 2) * (hop(adding) + hop(passing)) + last;
}

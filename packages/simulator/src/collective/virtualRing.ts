import type { Compression } from '@lockstep/core';
import {
  ringChunkLength as chunkLength,
  KernelArithmetic,
  type Reducer,
  Ring,
  type RingArithmetic,
  type RingClock,
  RingCore,
} from '@lockstep/core/reducer';
import type { Network } from '../network/network.js';
import type { VirtualTime } from '../time/virtualTime.js';
import { LengthsOnly } from './lengthsOnly.js';
import { type Deliver, RingWire } from './ringWire.js';
import { TimedArithmetic } from './timedArithmetic.js';

interface RingOptions {
  /** Which endpoints of the network are its ranks, in order. */
  readonly endpoints: readonly number[];
  readonly length: number;
  readonly compression: Compression;
}

/** What a rank of a ring works with: its numbers, and where a gradient is put. */
interface Numbers<Payload> {
  readonly arithmetic: RingArithmetic<Payload>;
  readonly arrays: readonly [Float32Array, Float32Array];
}

/** Nobody is lost on a virtual network; but words to those who wait are sent as in a real ring. Milliseconds. */
const deadlineMs = 600_000;

/** The ring of core over a virtual network, with real numbers. */
export async function realRing(network: Network, options: RingOptions): Promise<Reducer[]> {
  const { endpoints, length, compression } = options;
  const numbers = await Promise.all(
    endpoints.map(async (): Promise<Numbers<Uint8Array>> => {
      const arithmetic = await KernelArithmetic.create({ length, chunkLength, compression });
      return { arithmetic, arrays: arithmetic.arrays };
    }),
  );
  return connect(network, options, numbers, (from, into) => into.set(from));
}

/** The ring of core over a virtual network, with lengths only. All ranks have one array, which nobody looks into. */
export function lengthsRing(
  network: Network,
  options: RingOptions,
  shared: Float32Array,
): Reducer[] {
  const arithmetic = new LengthsOnly(options.compression);
  const numbers = options.endpoints.map(() => ({ arithmetic, arrays: [shared, shared] as const }));
  return connect(network, options, numbers, () => undefined);
}

function connect<Payload>(
  network: Network,
  { endpoints, length, compression }: RingOptions,
  numbers: readonly Numbers<Payload>[],
  deliver: Deliver<Payload>,
): Reducer[] {
  const wire = new RingWire(network, endpoints, deliver);
  const clock = ringClock(network.clock);
  const worldSize = endpoints.length;
  return numbers.map(({ arithmetic, arrays }, rank) => {
    const { processor } = network.description;
    const endpoint = network.endpoints[endpoints[rank]!]!;
    const core = new RingCore(
      { rank, worldSize, length, deadlineMs, chunkLength },
      wire.neighboursOf(rank),
      clock,
      new TimedArithmetic(arithmetic, endpoint, processor, compression),
    );
    wire.cores.push(core);
    const options = { rank, worldSize, length, compression, deadlineMs };
    return new Ring(options, core, arrays, async () => undefined);
  });
}

function ringClock(time: VirtualTime): RingClock {
  return {
    every(milliseconds, tick) {
      const seconds = milliseconds / 1000;
      const next = () => time.at(time.now + seconds, again);
      const again = () => {
        timer = next();
        tick();
      };
      let timer = next();
      return () => timer.cancel();
    },
  };
}

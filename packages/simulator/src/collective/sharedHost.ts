import type { Range } from '@lockstep/core/data';
import type { Endpoint } from '../network/endpoint.js';
import type { Network } from '../network/network.js';
import { giga, micro } from '../network/units.js';
import { Meeting } from './meeting.js';

const floatBytes = Float32Array.BYTES_PER_ELEMENT;

/**
 * A model of the ranks of one host that add up in shared memory: when all have a range, each adds up its part of it
 * (packages/core/src/reducer/sharedMemory). What they read and write passes the host's memory, which they share.
 */
export class SharedHost {
  readonly #meeting: Meeting;
  readonly #addPerByte: number;

  /** @param endpoints of one host */
  constructor(
    private readonly network: Network,
    private readonly endpoints: readonly Endpoint[],
  ) {
    const { host, processor } = network.description;
    const signal = host.signalMicroseconds * micro;
    this.#meeting = new Meeting(network.clock, endpoints.length, signal);
    this.#addPerByte = 1 / (processor.addGigabytesPerSecond * giga);
  }

  /** Waits until all of the host's ranks are here. */
  meet(endpoint: Endpoint): Promise<void> {
    return this.#meeting.with(endpoint);
  }

  /** One rank's part of the work on a range that all of them have. The sum is there when all have met again. */
  async addPart(endpoint: Endpoint, { begin, end }: Range): Promise<void> {
    const ranks = this.endpoints.length;
    if (ranks === 1) return;
    const { core, host, slowness } = endpoint;
    const part = ((end - begin) * floatBytes) / ranks;
    const read = ranks * part;
    const begun = core.time;
    core.spend(read * this.#addPerByte * slowness);
    const moved = read + part;
    const free = host.memory.begin(begun, moved) + host.memory.duration(moved);
    await this.network.clock.until(Math.max(core.time, free));
  }
}

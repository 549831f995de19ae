import {
  type FrameHeader,
  headerBytes,
  type RingCore,
  type RingNetwork,
} from '@lockstep/core/reducer';
import type { Receiver } from '../network/flight.js';
import type { Network } from '../network/network.js';

/** Puts what came to where the ring wants it; nothing, where payloads are lengths. */
export type Deliver<Payload> = (from: Payload, into: Payload) => void;

/** The connections of a ring's ranks, over a virtual network. */
export class RingWire<Payload> {
  /** By rank of the ring. */
  readonly cores: RingCore<Payload>[] = [];

  /** @param endpoints which endpoint of the network each rank of the ring is */
  constructor(
    readonly network: Network,
    private readonly endpoints: readonly number[],
    readonly deliver: Deliver<Payload>,
  ) {}

  neighboursOf(rank: number): RingNetwork<Payload> {
    const { network, endpoints, cores } = this;
    const size = endpoints.length;
    const [after, before] = [(rank + 1) % size, (rank + size - 1) % size];
    const [own, next, previous] = [endpoints[rank]!, endpoints[after]!, endpoints[before]!];
    return {
      toNext: (header, payload) => {
        const arrival = new FromPrevious(this, cores[after]!, header, payload);
        network.send(own, next, headerBytes + header.bytes, arrival);
      },
      toPrevious: (header) => {
        network.send(own, previous, headerBytes, new FromNext(this, cores[before]!, header));
      },
    };
  }

  /** An operation that has ended has settled a promise. */
  notice(wasBusy: boolean, core: RingCore<Payload>): void {
    if (wasBusy && !core.isBusy) this.network.clock.settled();
  }
}

class FromPrevious<Payload> implements Receiver {
  constructor(
    private readonly wire: RingWire<Payload>,
    private readonly core: RingCore<Payload>,
    private readonly header: FrameHeader,
    private readonly payload: Payload | null,
  ) {}

  receive(): void {
    const { wire, core, header, payload } = this;
    const wasBusy = core.isBusy;
    if (payload === null) core.fromPrevious(header, null);
    else {
      const place = core.place(header);
      if (place === null) return;
      // As late as a socket may read it: what was written over it since would show.
      wire.deliver(payload, place);
      core.fromPrevious(header, place);
    }
    wire.notice(wasBusy, core);
  }
}

class FromNext<Payload> implements Receiver {
  constructor(
    private readonly wire: RingWire<Payload>,
    private readonly core: RingCore<Payload>,
    private readonly header: FrameHeader,
  ) {}

  receive(): void {
    const wasBusy = this.core.isBusy;
    this.core.fromNext(this.header);
    this.wire.notice(wasBusy, this.core);
  }
}

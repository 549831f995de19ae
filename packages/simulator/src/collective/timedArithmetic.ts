import type { Compression } from '@lockstep/core';
import type { Place, RingArithmetic } from '@lockstep/core/reducer';
import type { NetworkDescription } from '../network/description.js';
import type { Endpoint } from '../network/endpoint.js';
import { giga } from '../network/units.js';

const floatBytes = Float32Array.BYTES_PER_ELEMENT;

/** A ring's arithmetic that takes its time, on the core of an endpoint. */
export class TimedArithmetic<Payload> implements RingArithmetic<Payload> {
  readonly #addPerElement: number;
  readonly #convertPerElement: number;

  constructor(
    private readonly inner: RingArithmetic<Payload>,
    private readonly endpoint: Endpoint,
    { addGigabytesPerSecond, convertGigabytesPerSecond }: NetworkDescription['processor'],
    compression: Compression,
  ) {
    const { slowness } = endpoint;
    this.#addPerElement = (floatBytes * slowness) / (addGigabytesPerSecond * giga);
    this.#convertPerElement =
      compression === 'none' ? 0 : (floatBytes * slowness) / (convertGigabytesPerSecond * giga);
  }

  bytesPerElement(exact: boolean): number {
    return this.inner.bytesPerElement(exact);
  }

  landing(place: Place, half: 'reduce' | 'gather' | 'early', bytes: number): Payload {
    return this.inner.landing(place, half, bytes);
  }

  /** Weighed, and encoded. */
  contribute(place: Place, weight: number): Payload {
    this.#spend(place, weight === 1 ? 0 : 1, 1);
    return this.inner.contribute(place, weight);
  }

  /** Decoded and added, and encoded. */
  add(place: Place, weight: number, came: Payload): Payload {
    this.#spend(place, 1, 2);
    return this.inner.add(place, weight, came);
  }

  /** Decoded and added, encoded, and decoded again. */
  complete(place: Place, weight: number, came: Payload): Payload {
    this.#spend(place, 1, 3);
    return this.inner.complete(place, weight, came);
  }

  share(place: Place): Payload {
    return this.inner.share(place);
  }

  /** Decoded; what is not encoded lies where it belongs. */
  take(place: Place, came: Payload): Payload {
    this.#spend(place, 0, 1);
    return this.inner.take(place, came);
  }

  #spend({ begin, end, exact }: Place, additions: number, conversions: number): void {
    const seconds =
      additions * this.#addPerElement + (exact ? 0 : conversions * this.#convertPerElement);
    this.endpoint.core.spend((end - begin) * seconds);
  }
}

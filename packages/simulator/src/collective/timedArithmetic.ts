import type { Compression } from '@lockstep/core';
import type { Place, RingArithmetic } from '@lockstep/core/reducer';
import type { NetworkDescription } from '../network/description.js';
import type { Endpoint } from '../network/endpoint.js';
import { giga } from '../network/units.js';

const floatBytes = Float32Array.BYTES_PER_ELEMENT;

type Processor = NetworkDescription['processor'];

/** How often it goes over a chunk, and for what. */
interface Passes {
  readonly add: number;
  readonly encode: number;
  readonly decode: number;
}

/** A ring's arithmetic that takes its time, on the core of an endpoint. */
export class TimedArithmetic<Payload> implements RingArithmetic<Payload> {
  /** Seconds. */
  readonly #addPerElement: number;
  readonly #encodePerElement: number;
  readonly #decodePerElement: number;

  constructor(
    private readonly inner: RingArithmetic<Payload>,
    private readonly endpoint: Endpoint,
    { addGigabytesPerSecond: add, encodeGigabytesPerSecond, decodeGigabytesPerSecond }: Processor,
    compression: Compression,
  ) {
    const perElement = (gigabytesPerSecond: number) =>
      (floatBytes * endpoint.slowness) / (gigabytesPerSecond * giga);
    const converted = (rates: Processor['encodeGigabytesPerSecond']) =>
      compression === 'none' ? 0 : perElement(rates[compression]);
    this.#addPerElement = perElement(add);
    this.#encodePerElement = converted(encodeGigabytesPerSecond);
    this.#decodePerElement = converted(decodeGigabytesPerSecond);
  }

  bytesPerElement(exact: boolean): number {
    return this.inner.bytesPerElement(exact);
  }

  landing(place: Place, half: 'reduce' | 'gather' | 'early', bytes: number): Payload {
    return this.inner.landing(place, half, bytes);
  }

  /** Weighed, and encoded. */
  contribute(place: Place, weight: number): Payload {
    this.#spend(place, { add: weight === 1 ? 0 : 1, encode: 1, decode: 0 });
    return this.inner.contribute(place, weight);
  }

  /** Decoded and added, and encoded. */
  add(place: Place, weight: number, came: Payload): Payload {
    this.#spend(place, { add: 1, encode: 1, decode: 1 });
    return this.inner.add(place, weight, came);
  }

  /** Decoded and added, encoded, and decoded again. */
  complete(place: Place, weight: number, came: Payload): Payload {
    this.#spend(place, { add: 1, encode: 1, decode: 2 });
    return this.inner.complete(place, weight, came);
  }

  share(place: Place): Payload {
    return this.inner.share(place);
  }

  /** Decoded; what is not encoded lies where it belongs. */
  take(place: Place, came: Payload): Payload {
    this.#spend(place, { add: 0, encode: 0, decode: 1 });
    return this.inner.take(place, came);
  }

  #spend({ begin, end, exact }: Place, { add, encode, decode }: Passes): void {
    const convert = exact ? 0 : encode * this.#encodePerElement + decode * this.#decodePerElement;
    this.endpoint.core.spend((end - begin) * (add * this.#addPerElement + convert));
  }
}

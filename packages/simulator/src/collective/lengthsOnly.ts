import type { Compression } from '@lockstep/core';
import type { Place, RingArithmetic } from '@lockstep/core/reducer';

const floatBytes = Float32Array.BYTES_PER_ELEMENT;
const halfBytes = Uint16Array.BYTES_PER_ELEMENT;

/** A ring's numbers without the numbers: a payload is how many bytes it has. */
export class LengthsOnly implements RingArithmetic<number> {
  constructor(private readonly compression: Compression) {}

  bytesPerElement(exact: boolean): number {
    return exact || this.compression === 'none' ? floatBytes : halfBytes;
  }

  landing(_place: Place, _half: string, bytes: number): number {
    return bytes;
  }

  contribute(place: Place): number {
    return this.#bytes(place);
  }

  add(place: Place): number {
    return this.#bytes(place);
  }

  complete(place: Place): number {
    return this.#bytes(place);
  }

  share(place: Place): number {
    return this.#bytes(place);
  }

  take(_place: Place, came: number): number {
    return came;
  }

  #bytes({ begin, end, exact }: Place): number {
    return (end - begin) * this.bytesPerElement(exact);
  }
}

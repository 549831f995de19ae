/** A chunk of an operation's array. */
export interface Place {
  /** Counts operations: those with even numbers have one array, the others another one. */
  readonly operation: number;
  /** In elements of the flat array. */
  readonly begin: number;
  readonly end: number;
  /** Never compressed. */
  readonly exact: boolean;
}

/**
 * What a ring does with numbers. Its bookkeeping only ever holds payloads, which it gets here and sends on: bytes
 * where ranks are real, nothing but their number where they are simulated. Each call is made once for each chunk, in
 * an order that does not change what comes out.
 */
export interface RingArithmetic<Payload> {
  bytesPerElement(exact: boolean): number;
  /**
   * Where a payload is put as it comes.
   *
   * @param half `reduce`: a partial sum; `gather`: a result; `early`: its turn has not come yet, and the array of the
   *   operation may still be written by others
   */
  landing(place: Place, half: 'reduce' | 'gather' | 'early', bytes: number): Payload;
  /** array = weight * array; @returns what is sent of it */
  contribute(place: Place, weight: number): Payload;
  /** array = weight * array + came; @returns what is sent on */
  add(place: Place, weight: number, came: Payload): Payload;
  /** `add` for the last one to add, which has the result; @returns what is sent to all, who then have the same bits */
  complete(place: Place, weight: number, came: Payload): Payload;
  /** @returns what is sent of the array as it is */
  share(place: Place): Payload;
  /** array = came; @returns what is sent on */
  take(place: Place, came: Payload): Payload;
}

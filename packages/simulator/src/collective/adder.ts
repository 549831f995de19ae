import type { Range } from '@lockstep/core/data';

/** What a rank adds up with: the part of a Reducer that training without shards uses. */
export interface Adder {
  allReduce(weight: number, ready?: AsyncIterable<Range>): Promise<unknown>;
}

/** All of `length` elements at once. */
export async function* whole(length: number): AsyncGenerator<Range> {
  yield { begin: 0, end: length };
}

import { webAssemblyPage } from '../kernels/webAssembly.js';

/** Two cache lines: processors fetch lines in pairs, and no two ranks shall write to what one fetch brings. */
const apart = 128;

/** Where things lie in a segment, in bytes from its begin. */
export interface Layout {
  /** Length of the segment, in whole pages of any machine. */
  readonly bytes: number;
  /** What one of the arrays takes. */
  readonly array: number;
  /** By rank: two int32 (`ready`, `attached`) and a float32 (`weight`), on cache lines of their own. */
  readonly announced: (rank: number) => number;
  /** By rank: one int32, on cache lines of its own. */
  readonly done: (rank: number) => number;
  /** By rank: `length` float32. */
  readonly input: (rank: number) => number;
  /** What was added up, and what was gathered: `length` float32 each. */
  readonly result: number;
  readonly gathered: number;
}

/** The header, the flags of each rank, each rank's input, the result, what was gathered. */
export function layoutOf(worldSize: number, length: number): Layout {
  const announced = (rank: number) => apart * (1 + 2 * rank);
  const array = roundUp(length * Float32Array.BYTES_PER_ELEMENT, apart);
  const input = (rank: number) => announced(worldSize) + rank * array;
  const result = input(worldSize);
  return {
    bytes: roundUp(result + 2 * array, webAssemblyPage),
    array,
    announced,
    done: (rank) => announced(rank) + apart,
    input,
    result,
    gathered: result + array,
  };
}

const roundUp = (bytes: number, to: number): number => Math.ceil(bytes / to) * to;

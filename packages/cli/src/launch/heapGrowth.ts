import { setFlagsFromString } from 'node:v8';

/**
 * What a rank sends for a checkpoint is memory outside of V8's heap, of which V8 hears, and counts as growth: beside the
 * coordinator's small heap it is so much that all of the heap was collected for each checkpoint, which took as much time
 * as to write it. From now on the heap may grow to four times what a collection has left.
 */
export function letHeapGrow(): void {
  setFlagsFromString('--heap-growing-percent=300');
}

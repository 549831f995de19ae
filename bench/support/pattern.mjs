// What ranks add up, and what must come out. Small whole numbers, and a number of ranks that is a power of two:
// float32 has all of it exactly. bench/peers/torch_gloo.py does the same.

const period = 251;
/** Arrays are filled and compared in blocks of whole periods. */
const blockLength = period * 64;
const element = (i, rank, operation) => (7 * i + 13 * rank + 5 * operation) % period;

/** What a rank brings to an operation: the elements of one block. */
function inputBlock(rank, operation) {
  return Float32Array.from({ length: blockLength }, (_, i) => element(i, rank, operation));
}

/** The mean over the ranks: what comes out. */
function meanBlock(ranks, operation) {
  return Float32Array.from({ length: blockLength }, (_, i) => {
    let sum = 0;
    for (let rank = 0; rank < ranks; rank++) sum += element(i, rank, operation);
    return sum / ranks;
  });
}

/** Two patterns in turn: what an operation before has left is not taken for a result. */
export class Pattern {
  #inputs;
  #means;

  constructor(rank, ranks) {
    if (!Number.isInteger(Math.log2(ranks))) throw new Error(`${ranks} ranks: not a power of two`);
    this.#inputs = [0, 1].map((operation) => inputBlock(rank, operation));
    this.#means = [0, 1].map((operation) => meanBlock(ranks, operation));
  }

  fill(array, operation) {
    const block = this.#inputs[operation % 2];
    for (let at = 0; at < array.length; at += blockLength) {
      array.set(block.subarray(0, array.length - at), at);
    }
  }

  /** @throws Error that names the first element that is not the mean */
  check(array, length, operation) {
    if (array.length !== length) throw new Error(`${array.length} elements instead of ${length}`);
    const block = this.#means[operation % 2];
    for (let i = 0, at = 0; i < length; i++, at = at + 1 === blockLength ? 0 : at + 1) {
      if (array[i] !== block[at]) {
        throw new Error(
          `operation ${operation}, element ${i}: ${array[i]} instead of ${block[at]}`,
        );
      }
    }
  }
}

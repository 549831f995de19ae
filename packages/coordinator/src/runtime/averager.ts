import { type WeightedGradient, weightedAverage } from '@lockstep/core/collective';

/**
 * Averages into two buffers in turn. Sends are zero-copy: a buffer may still be read until every rank has
 * contributed to the next step, which it can only do after it has received this one's average.
 */
export class Averager {
  #buffers: [Float32Array, Float32Array] = [new Float32Array(0), new Float32Array(0)];
  #turn = 0;

  average(parts: readonly WeightedGradient[]): Float32Array {
    const length = parts[0]!.gradient.length;
    if (this.#buffers[0].length !== length) {
      this.#buffers = [new Float32Array(length), new Float32Array(length)];
    }
    this.#turn = 1 - this.#turn;
    const into = this.#buffers[this.#turn]!;
    weightedAverage(parts, into);
    return into;
  }
}

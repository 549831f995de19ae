import type { Tensors } from '@lockstep/core/protocol';
import type { TensorNote } from '../machine/events.js';

/** The tensors that the machine speaks of by id. */
export class TensorTable {
  readonly #tensors = new Map<string, Tensors>();
  #next = 0;

  keep(tensors: Tensors): TensorNote {
    const id = `t${this.#next++}`;
    this.#tensors.set(id, tensors);
    const lengths = Object.entries(tensors).map(([name, array]) => [name, array.length]);
    return { id, lengths: Object.fromEntries(lengths) };
  }

  get(id: string): Tensors {
    const tensors = this.#tensors.get(id);
    if (tensors === undefined) throw new Error(`tensor ${id} is not here`);
    return tensors;
  }

  take(id: string): Tensors {
    const tensors = this.get(id);
    this.#tensors.delete(id);
    return tensors;
  }

  forget(id: string): void {
    this.#tensors.delete(id);
  }
}

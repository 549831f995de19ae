import { LockstepError } from '@lockstep/core';
import type { Tensors } from '@lockstep/core/protocol';
import type { TensorNote } from '../machine/events.js';

/** The tensors that the machine speaks of by id. */
export class TensorTable {
  readonly #tensors = new Map<string, Tensors>();
  /** Of the weights among them, where they belong to a state. */
  readonly #hashes = new Map<string, string>();
  #next = 0;

  keep(tensors: Tensors): TensorNote {
    const id = `t${this.#next++}`;
    this.#tensors.set(id, tensors);
    const lengths = Object.entries(tensors).map(([name, array]) => [name, array.length]);
    return { id, lengths: Object.fromEntries(lengths) };
  }

  /** @param weightsSha256 undefined: they are part of a state that has no weights */
  keepState(tensors: Tensors, weightsSha256: string | undefined): TensorNote {
    const note = this.keep(tensors);
    if (weightsSha256 === undefined) return note;
    this.#hashes.set(note.id, weightsSha256);
    return { ...note, weightsSha256 };
  }

  /** Of the weights of a state. */
  weightsSha256(id: string): string {
    const hash = this.#hashes.get(id);
    if (hash === undefined) throw new Error(`the weights of ${id} have no hash`);
    return hash;
  }

  /**
   * One state of the parts that ranks have of it, under a new id: what only the first has, and each slot in one
   * piece. The parts are let go.
   *
   * @throws PROTOCOL_VIOLATION where a part lacks a slot
   */
  assemble(parts: readonly string[], id: string): void {
    const hash = this.weightsSha256(parts[0]!);
    const [first, ...others] = parts.map((part) => this.take(part));
    const whole: Record<string, Tensors[string]> = {};
    for (const [name, tensor] of Object.entries(first!)) {
      whole[name] = name.startsWith('slot:')
        ? concatenate(name, [tensor, ...others.map((part) => part[name])])
        : tensor;
    }
    this.#tensors.set(id, whole);
    this.#hashes.set(id, hash);
  }

  get(id: string): Tensors {
    const tensors = this.#tensors.get(id);
    if (tensors === undefined) throw new Error(`tensor ${id} is not here`);
    return tensors;
  }

  take(id: string): Tensors {
    const tensors = this.get(id);
    this.forget(id);
    return tensors;
  }

  forget(id: string): void {
    this.#tensors.delete(id);
    this.#hashes.delete(id);
  }
}

function concatenate(name: string, parts: readonly (Tensors[string] | undefined)[]): Float32Array {
  const length = parts.reduce((sum, part) => sum + (part?.length ?? 0), 0);
  const whole = new Float32Array(length);
  let at = 0;
  for (const part of parts) {
    if (part === undefined) {
      throw new LockstepError('PROTOCOL_VIOLATION', `a rank sent its state without its ${name}`);
    }
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

import { LockstepError } from '@lockstep/core';
import type { Pointer } from '../native/functions.js';

/** Addresses of eager tensors by number, since the tensors of tfjs hold numbers. */
export class Handles {
  private readonly pointers = new Map<number, Pointer>();
  /** From 1: the numbers below 0 belong to tensors that a trace only imagines. */
  private next = 1;

  get count(): number {
    return this.pointers.size;
  }

  add(handle: Pointer): number {
    const id = this.next++;
    this.pointers.set(id, handle);
    return id;
  }

  /** @throws LockstepError INTERNAL where no tensor has this number any more */
  get(id: number): Pointer {
    const pointer = this.pointers.get(id);
    if (pointer !== undefined) return pointer;
    throw new LockstepError('INTERNAL', `there is no tensor with the number ${id}`);
  }

  /** Forgets the number, and leaves the handle to the caller. */
  take(id: number): Pointer {
    const pointer = this.get(id);
    this.pointers.delete(id);
    return pointer;
  }
}

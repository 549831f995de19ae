import { LockstepError } from '@lockstep/core';
import type { NativeFunctions, Pointer } from './functions.js';

/** An error of TensorFlow: its message, and its code of tensorflow/c/tf_status.h. */
export class TensorFlowError extends LockstepError {
  constructor(
    message: string,
    readonly status: number,
  ) {
    super('INTERNAL', message);
  }
}

/**
 * A `TF_Status` for calls that are made one after the other. A call that runs beside others needs a status
 * of its own.
 */
export class Status {
  readonly pointer: Pointer;

  constructor(private readonly c: NativeFunctions) {
    this.pointer = c.TF_NewStatus();
  }

  /** @throws TensorFlowError with TensorFlow's own message, where the last call failed */
  check(): void {
    const code = this.c.TF_GetCode(this.pointer);
    if (code !== 0) throw new TensorFlowError(this.c.TF_Message(this.pointer), code);
  }

  delete(): void {
    this.c.TF_DeleteStatus(this.pointer);
  }
}

import { LockstepError } from '@lockstep/core';
import type { NativeFunctions, Pointer } from '../native/functions.js';
import type { Status } from '../native/status.js';
import { type OpAttribute, setAttribute } from './attributes.js';

/** Runs single ops in a `TFE_Context`, one after the other. */
export class Eager {
  private readonly outputCount = new Int32Array(1);
  private outputs = new BigUint64Array(8);

  constructor(
    private readonly c: NativeFunctions,
    private readonly context: Pointer,
    private readonly status: Status,
  ) {}

  /**
   * @param inputs `TFE_TensorHandle`s, which stay the caller's
   * @param outputCount as many as the op has, or more
   * @returns `TFE_TensorHandle`s, to be deleted by the caller
   * @throws TensorFlowError with TensorFlow's message where the op does not exist or fails
   */
  execute(
    name: string,
    attributes: readonly OpAttribute[],
    inputs: readonly Pointer[],
    outputCount: number,
  ): Pointer[] {
    const { c, status } = this;
    if (typeof name !== 'string') throw new LockstepError('USAGE', `no op is named ${name}`);
    const op = c.TFE_NewOp(this.context, name, status.pointer);
    status.check();
    try {
      for (const input of inputs) {
        c.TFE_OpAddInput(op, input, status.pointer);
        status.check();
      }
      for (const attribute of attributes) {
        setAttribute(c, op, attribute, status.pointer);
        status.check();
      }
      return this.run(op, outputCount);
    } finally {
      c.TFE_DeleteOp(op);
    }
  }

  private run(op: Pointer, outputCount: number): Pointer[] {
    if (outputCount > this.outputs.length) this.outputs = new BigUint64Array(outputCount);
    this.outputCount[0] = outputCount;
    this.c.TFE_Execute(op, this.outputs, this.outputCount, this.status.pointer);
    this.status.check();
    const handles: Pointer[] = [];
    for (let index = 0; index < this.outputCount[0]; index++) {
      handles.push(this.outputs[index] as Pointer);
    }
    return handles;
  }

  shapeOf(handle: Pointer): number[] {
    const { c, status } = this;
    const rank = c.TFE_TensorHandleNumDims(handle, status.pointer);
    status.check();
    const shape = new Array<number>(rank);
    for (let axis = 0; axis < rank; axis++) {
      shape[axis] = c.TFE_TensorHandleDim(handle, axis, status.pointer);
    }
    return shape;
  }

  typeOf(handle: Pointer): number {
    return this.c.TFE_TensorHandleDataType(handle);
  }

  /** A new `TFE_TensorHandle` that shares the memory of a `TF_Tensor`, which stays the caller's. */
  handleFrom(tensor: Pointer): Pointer {
    const handle = this.c.TFE_NewTensorHandle(tensor, this.status.pointer);
    this.status.check();
    return handle;
  }

  /** A new `TF_Tensor` that shares the memory of the handle, or a copy of it where that is on a GPU. */
  resolve(handle: Pointer): Pointer {
    const tensor = this.c.TFE_TensorHandleResolve(handle, this.status.pointer);
    this.status.check();
    return tensor;
  }

  copyToDevice(handle: Pointer, device: string): Pointer {
    const { c, status } = this;
    const copy = c.TFE_TensorHandleCopyToDevice(handle, this.context, device, status.pointer);
    status.check();
    return copy;
  }

  delete(handle: Pointer): void {
    this.c.TFE_DeleteTensorHandle(handle);
  }
}

import { dataType } from '../native/dataTypes.js';
import type { NativeFunctions, Pointer } from '../native/functions.js';
import type { NativeLibrary } from '../native/library.js';
import { bytesOfBuffer } from '../native/memory.js';
import { Status } from '../native/status.js';
import { tensorFrom } from '../native/tensor.js';
import { type Attributes, setAttribute } from './attributes.js';

/** One output of an operation, with what TensorFlow infers of it. */
export interface Output {
  readonly oper: Pointer;
  readonly index: number;
  readonly type: number;
  /** -1: a size that depends on the data; null: not even the rank is known. */
  readonly shape: readonly number[] | null;
}

/** Of an output, for maps by outputs. */
export const keyOf = ({ oper, index }: Pick<Output, 'oper' | 'index'>): string =>
  `${oper}:${index}`;

export interface OperationOptions {
  readonly inputs?: readonly (Output | readonly Output[])[];
  readonly attributes?: Attributes;
  /** Operations that must have run before this one. */
  readonly after?: readonly Pointer[];
}

/** An operation in the graph. */
export interface Operation {
  readonly pointer: Pointer;
  readonly outputs: readonly Output[];
}

/**
 * A `TF_Graph` under construction. TensorFlow checks each operation as it is added and infers its outputs'
 * types and shapes, so that a mistake is reported where it is made. Operations cannot be taken out again.
 */
export class Graph {
  readonly pointer: Pointer;
  readonly c: NativeFunctions;
  readonly #status: Status;
  #count = 0;

  constructor(readonly library: NativeLibrary) {
    this.c = library.c;
    this.#status = new Status(this.c);
    this.pointer = this.c.TF_NewGraph();
  }

  /** @throws TensorFlowError where types, shapes or attributes do not fit */
  operation(
    type: string,
    { inputs = [], attributes = {}, after = [] }: OperationOptions = {},
  ): Operation {
    const { c } = this;
    const description = c.TF_NewOperation(this.pointer, type, `${type}_${this.#count++}`);
    for (const input of inputs) {
      if (isList(input)) c.TF_AddInputList(description, input, input.length);
      else c.TF_AddInput(description, input);
    }
    for (const before of after) c.TF_AddControlInput(description, before);
    for (const [name, value] of Object.entries(attributes)) {
      setAttribute(c, description, name, value, this.#status);
    }
    const pointer = c.TF_FinishOperation(description, this.#status.pointer);
    this.#status.check();
    const outputs = Array.from({ length: c.TF_OperationNumOutputs(pointer) }, (_, index) =>
      this.#describe(pointer, index),
    );
    return { pointer, outputs };
  }

  /** The first output of a new operation. */
  node(type: string, inputs: OperationOptions['inputs'], attributes?: Attributes): Output {
    return this.operation(type, { inputs: inputs ?? [], attributes: attributes ?? {} }).outputs[0]!;
  }

  placeholder(type: number, shape: readonly number[]): Output {
    return this.node('Placeholder', [], { dtype: { type }, shape: { shape } });
  }

  /** @param values of the type, in row-major order; copied */
  constant(type: number, shape: readonly number[], values: NodeJS.ArrayBufferView): Output {
    const tensor = tensorFrom(this.c, type, shape, values);
    try {
      return this.constantOf(tensor, type);
    } finally {
      this.c.TF_DeleteTensor(tensor);
    }
  }

  /** @param tensor a `TF_Tensor`; its content is copied, it stays the caller's */
  constantOf(tensor: Pointer, type: number): Output {
    return this.node('Const', [], { dtype: { type }, value: { tensor } });
  }

  int32(...values: number[]): Output {
    return this.constant(dataType.int32, [values.length], Int32Array.from(values));
  }

  float32(value: number): Output {
    return this.constant(dataType.float32, [], Float32Array.of(value));
  }

  /** By which others than this program know an output: `operation:index`. */
  nameOf({ oper, index }: Output): string {
    return `${this.c.TF_OperationName(oper)}:${index}`;
  }

  /** All of the graph as TensorFlow writes it, a `GraphDef`. */
  encode(): Uint8Array {
    const buffer = this.c.TF_NewBuffer();
    try {
      this.c.TF_GraphToGraphDef(this.pointer, buffer, this.#status.pointer);
      this.#status.check();
      return bytesOfBuffer(buffer);
    } finally {
      this.c.TF_DeleteBuffer(buffer);
    }
  }

  /** The graph must not be in use by a session any more. */
  delete(): void {
    this.c.TF_DeleteGraph(this.pointer);
    this.#status.delete();
  }

  #describe(oper: Pointer, index: number): Output {
    const { c } = this;
    const native = { oper, index };
    const rank = c.TF_GraphGetTensorNumDims(this.pointer, native, this.#status.pointer);
    this.#status.check();
    const dims = new BigInt64Array(Math.max(rank, 0));
    if (rank > 0) {
      c.TF_GraphGetTensorShape(this.pointer, native, dims, rank, this.#status.pointer);
      this.#status.check();
    }
    const shape = rank < 0 ? null : Array.from(dims, Number);
    return { ...native, type: c.TF_OperationOutputType(native), shape };
  }
}

const isList = (input: Output | readonly Output[]): input is readonly Output[] =>
  Array.isArray(input);

import { dataType } from '../native/dataTypes.js';
import type { NativeFunctions, Pointer } from '../native/functions.js';
import type { NativeLibrary } from '../native/library.js';
import { Status } from '../native/status.js';
import { attributeType, type OpAttribute } from './attributes.js';
import { Eager } from './eager.js';
import { Handles } from './handles.js';
import { SavedModels } from './savedModels.js';
import { stringHandle } from './stringHandle.js';
import { type TypedArray, tensorFromArray, valuesOfTensor } from './values.js';

/** A tensor as the kernels know it: `dtype` is a code of `TF_DataType`. */
export interface TensorMetadata {
  readonly id: number;
  readonly shape: number[];
  /** Kernels that encode images set it anew. */
  dtype: number;
}

/**
 * The native object behind `NodeJSKernelBackend`: what `TFJSBinding` of tfjs-node-gpu/dist/tfjs_binding.d.ts
 * declares, over the C API. Its calls are made one after the other, so they share a status.
 */
export class Binding {
  readonly TF_FLOAT = dataType.float32;
  readonly TF_INT32 = dataType.int32;
  readonly TF_INT64 = dataType.int64;
  readonly TF_BOOL = dataType.bool;
  readonly TF_COMPLEX64 = dataType.complex64;
  readonly TF_STRING = dataType.string;
  readonly TF_RESOURCE = dataType.resource;
  readonly TF_UINT8 = dataType.uint8;
  readonly TF_ATTR_STRING = attributeType.string;
  readonly TF_ATTR_INT = attributeType.int;
  readonly TF_ATTR_FLOAT = attributeType.float;
  readonly TF_ATTR_BOOL = attributeType.bool;
  readonly TF_ATTR_TYPE = attributeType.type;
  readonly TF_ATTR_SHAPE = attributeType.shape;
  readonly TF_ATTR_RESOURCE = attributeType.resource;
  readonly TF_Version: string;

  private readonly c: NativeFunctions;
  private readonly eager: Eager;
  private readonly handles = new Handles();
  private readonly savedModels: SavedModels;

  /**
   * @param context a `TFE_Context`, to be kept as long as this
   * @param accelerator name of the device that tensors are moved to; null: they stay on the host
   */
  constructor(
    library: NativeLibrary,
    context: Pointer,
    private readonly accelerator: string | null,
  ) {
    this.c = library.c;
    this.TF_Version = library.version;
    const status = new Status(this.c);
    this.eager = new Eager(this.c, context, status);
    this.savedModels = new SavedModels(this.c, status);
  }

  /** @param values a typed array, or for strings their bytes */
  createTensor(
    shape: readonly number[],
    type: number,
    values: TypedArray | readonly Uint8Array[],
  ): number {
    if (!ArrayBuffer.isView(values)) {
      return this.handles.add(stringHandle(this.c, this.eager, shape, values));
    }
    const handle = this.arrayHandle(shape, type, values);
    // Kernels on a GPU want int32, which is mostly shapes and axes, in the memory of the host.
    if (this.accelerator === null || type === dataType.int32) return this.handles.add(handle);
    try {
      return this.handles.add(this.eager.copyToDevice(handle, this.accelerator));
    } finally {
      this.eager.delete(handle);
    }
  }

  private arrayHandle(shape: readonly number[], type: number, values: TypedArray): Pointer {
    const tensor = tensorFromArray(this.c, type, shape, values);
    try {
      return this.eager.handleFrom(tensor);
    } finally {
      this.c.TF_DeleteTensor(tensor);
    }
  }

  /** Numbers below 0 belong to a trace: there is nothing to delete. */
  deleteTensor(id: number): void {
    if (id >= 0) this.eager.delete(this.handles.take(id));
  }

  /** A copy of the values; complex64 as pairs, int64 as BigInts, strings as their bytes. */
  tensorDataSync(id: number): TypedArray | Uint8Array[] {
    const tensor = this.resolve(id);
    try {
      return valuesOfTensor(this.c, tensor);
    } finally {
      this.c.TF_DeleteTensor(tensor);
    }
  }

  /** @throws TensorFlowError with TensorFlow's message where the op does not exist or fails */
  executeOp(
    name: string,
    attributes: readonly OpAttribute[],
    inputs: readonly number[],
    outputCount: number,
  ): TensorMetadata[] {
    const handles = inputs.map((id) => this.handles.get(id));
    const outputs = this.eager.execute(name, attributes, handles, outputCount);
    return outputs.map((handle) => this.keep(handle));
  }

  /** @param tags joined by commas, as all lists of names here */
  loadSavedModel(directory: string, tags: string): number {
    return this.savedModels.load(directory, tags.split(','));
  }

  deleteSavedModel(id: number): void {
    this.savedModels.delete(id);
  }

  runSavedModel(
    id: number,
    inputs: readonly number[],
    inputNames: string,
    outputNames: string,
  ): TensorMetadata[] {
    const given: Pointer[] = [];
    let results: Pointer[] = [];
    try {
      for (const input of inputs) given.push(this.resolve(input));
      results = this.savedModels.run(id, given, inputNames.split(','), outputNames.split(','));
      return results.map((tensor) => this.adopt(tensor));
    } finally {
      for (const tensor of [...given, ...results]) this.c.TF_DeleteTensor(tensor);
    }
  }

  getNumOfSavedModels(): number {
    return this.savedModels.count;
  }

  getNumOfTensors(): number {
    return this.handles.count;
  }

  isUsingGpuDevice(): boolean {
    return this.accelerator !== null;
  }

  /** The `TFE_TensorHandle` of a tensor, which stays this binding's. */
  handleOf(id: number): Pointer {
    return this.handles.get(id);
  }

  /** A new `TF_Tensor` with the tensor's values; to be deleted by the caller. */
  resolve(id: number): Pointer {
    return this.eager.resolve(this.handles.get(id));
  }

  shapeAndTypeOf(id: number): { shape: number[]; dtype: number } {
    const handle = this.handles.get(id);
    return { shape: this.eager.shapeOf(handle), dtype: this.eager.typeOf(handle) };
  }

  /** A tensor that shares the memory of a `TF_Tensor`, which stays the caller's to delete. */
  adopt(tensor: Pointer): TensorMetadata {
    return this.keep(this.eager.handleFrom(tensor));
  }

  private keep(handle: Pointer): TensorMetadata {
    const shape = this.eager.shapeOf(handle);
    return { id: this.handles.add(handle), shape, dtype: this.eager.typeOf(handle) };
  }
}

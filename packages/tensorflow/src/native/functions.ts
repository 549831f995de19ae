import type { LibraryHandle } from 'koffi';
import koffi from 'koffi';

/** An address. NULL is given as 0n, and comes back as null where a call may return it. */
export type Pointer = bigint;

/** Memory that a call reads or writes: an address, a view of memory of ours, or NULL. */
export type Memory = Pointer | NodeJS.ArrayBufferView | null;

/** `TF_Output`: one output of an operation of a graph. */
interface NativeOutput {
  readonly oper: Pointer;
  readonly index: number;
}

type Int64 = number | bigint;
type Callback = (error: Error | null) => void;

/** The functions of tensorflow/c/c_api.h and tensorflow/c/eager/c_api.h that are used here. */
export interface NativeFunctions {
  TF_Version(): string;
  TF_NewStatus(): Pointer;
  TF_DeleteStatus(status: Pointer): void;
  TF_GetCode(status: Pointer): number;
  TF_Message(status: Pointer): string;

  TF_AllocateTensor(type: number, dims: Memory, rank: number, bytes: number): Pointer;
  /** @param deallocator `void (*)(void* data, size_t bytes, void* argument)`, called on any thread */
  TF_NewTensor(
    type: number,
    dims: Memory,
    rank: number,
    data: Memory,
    bytes: number,
    deallocator: Pointer,
    argument: Pointer,
  ): Pointer;
  TF_DeleteTensor(tensor: Pointer): void;
  TF_TensorData(tensor: Pointer): Pointer;
  TF_TensorByteSize(tensor: Pointer): number;
  TF_TensorType(tensor: Pointer): number;
  TF_NumDims(tensor: Pointer): number;
  TF_Dim(tensor: Pointer, index: number): number;

  TF_StringInit(string: Pointer): void;
  TF_StringCopy(string: Pointer, source: Memory, bytes: number): void;
  TF_StringGetDataPointer(string: Pointer): Pointer;
  TF_StringGetSize(string: Pointer): number;
  TF_StringDealloc(string: Pointer): void;

  TF_DeviceListCount(list: Pointer): number;
  TF_DeviceListName(list: Pointer, index: number, status: Pointer): string;
  TF_DeviceListType(list: Pointer, index: number, status: Pointer): string;
  TF_DeviceListMemoryBytes(list: Pointer, index: number, status: Pointer): number;
  TF_DeleteDeviceList(list: Pointer): void;

  TFE_NewContextOptions(): Pointer;
  TFE_ContextOptionsSetConfig(
    options: Pointer,
    config: Memory,
    bytes: number,
    status: Pointer,
  ): void;
  TFE_DeleteContextOptions(options: Pointer): void;
  TFE_NewContext(options: Pointer, status: Pointer): Pointer;
  TFE_DeleteContext(context: Pointer): void;
  TFE_ContextListDevices(context: Pointer, status: Pointer): Pointer;
  TFE_NewTensorHandle(tensor: Pointer, status: Pointer): Pointer;
  TFE_DeleteTensorHandle(handle: Pointer): void;
  TFE_TensorHandleResolve(handle: Pointer, status: Pointer): Pointer;
  TFE_TensorHandleNumDims(handle: Pointer, status: Pointer): number;
  TFE_TensorHandleDim(handle: Pointer, index: number, status: Pointer): number;
  TFE_TensorHandleDataType(handle: Pointer): number;
  TFE_TensorHandleCopyToDevice(
    handle: Pointer,
    context: Pointer,
    device: string,
    status: Pointer,
  ): Pointer;
  TFE_NewOp(context: Pointer, name: string, status: Pointer): Pointer;
  TFE_DeleteOp(op: Pointer): void;
  TFE_OpAddInput(op: Pointer, handle: Pointer, status: Pointer): void;
  /** @returns a code of `TF_AttrType`; `isList` receives 1 or 0 */
  TFE_OpGetAttrType(op: Pointer, name: string, isList: Memory, status: Pointer): number;
  TFE_OpSetAttrString(op: Pointer, name: string, value: Memory, bytes: number): void;
  TFE_OpSetAttrStringList(
    op: Pointer,
    name: string,
    values: readonly string[],
    lengths: Memory,
    count: number,
  ): void;
  TFE_OpSetAttrInt(op: Pointer, name: string, value: Int64): void;
  TFE_OpSetAttrIntList(op: Pointer, name: string, values: Memory, count: number): void;
  TFE_OpSetAttrFloat(op: Pointer, name: string, value: number): void;
  TFE_OpSetAttrFloatList(op: Pointer, name: string, values: Memory, count: number): void;
  TFE_OpSetAttrBool(op: Pointer, name: string, value: number): void;
  TFE_OpSetAttrType(op: Pointer, name: string, value: number): void;
  TFE_OpSetAttrTypeList(op: Pointer, name: string, values: Memory, count: number): void;
  TFE_OpSetAttrShape(op: Pointer, name: string, dims: Memory, rank: number, status: Pointer): void;
  TFE_Execute(op: Pointer, outputs: Memory, count: Memory, status: Pointer): void;

  TF_NewGraph(): Pointer;
  TF_DeleteGraph(graph: Pointer): void;
  TF_NewOperation(graph: Pointer, type: string, name: string): Pointer;
  TF_AddInput(description: Pointer, input: NativeOutput): void;
  TF_AddInputList(description: Pointer, inputs: readonly NativeOutput[], count: number): void;
  TF_AddControlInput(description: Pointer, operation: Pointer): void;
  TF_SetAttrString(description: Pointer, name: string, value: Memory, bytes: number): void;
  TF_SetAttrInt(description: Pointer, name: string, value: Int64): void;
  TF_SetAttrIntList(description: Pointer, name: string, values: Memory, count: number): void;
  TF_SetAttrFloat(description: Pointer, name: string, value: number): void;
  TF_SetAttrFloatList(description: Pointer, name: string, values: Memory, count: number): void;
  TF_SetAttrBool(description: Pointer, name: string, value: number): void;
  TF_SetAttrType(description: Pointer, name: string, value: number): void;
  TF_SetAttrTypeList(description: Pointer, name: string, values: Memory, count: number): void;
  TF_SetAttrShape(description: Pointer, name: string, dims: Memory, rank: number): void;
  TF_SetAttrTensor(description: Pointer, name: string, tensor: Pointer, status: Pointer): void;
  TF_FinishOperation(description: Pointer, status: Pointer): Pointer;
  TF_OperationNumOutputs(operation: Pointer): number;
  TF_OperationOutputType(output: NativeOutput): number;
  TF_GraphGetTensorNumDims(graph: Pointer, output: NativeOutput, status: Pointer): number;
  TF_OperationName(operation: Pointer): string;
  /** @param buffer receives a `GraphDef`; to be deleted by the caller */
  TF_GraphToGraphDef(graph: Pointer, buffer: Pointer, status: Pointer): void;
  TF_GraphGetTensorShape(
    graph: Pointer,
    output: NativeOutput,
    dims: Memory,
    rank: number,
    status: Pointer,
  ): void;

  TF_NewSessionOptions(): Pointer;
  TF_SetConfig(options: Pointer, config: Memory, bytes: number, status: Pointer): void;
  TF_DeleteSessionOptions(options: Pointer): void;
  TF_NewSession(graph: Pointer, options: Pointer, status: Pointer): Pointer;
  TF_CloseSession(session: Pointer, status: Pointer): void;
  TF_DeleteSession(session: Pointer, status: Pointer): void;
  TF_LoadSessionFromSavedModel(
    options: Pointer,
    runOptions: Pointer,
    directory: string,
    tags: readonly string[],
    tagCount: number,
    graph: Pointer,
    metaGraph: Pointer,
    status: Pointer,
  ): Pointer;
  TF_GraphOperationByName(graph: Pointer, name: string): Pointer | null;
  TF_SessionRun: SessionRun;
  TF_NewBuffer(): Pointer;
  TF_NewBufferFromString(bytes: Memory, length: number): Pointer;
  TF_DeleteBuffer(buffer: Pointer): void;
}

/** What TF_SessionRun takes. */
export type SessionRunArguments = [
  session: Pointer,
  runOptions: Pointer,
  inputs: Memory,
  inputTensors: Memory,
  inputCount: number,
  outputs: Memory,
  outputTensors: Memory,
  outputCount: number,
  targets: Memory,
  targetCount: number,
  runMetadata: Pointer,
  status: Pointer,
];

interface SessionRun {
  (...given: SessionRunArguments): void;
  /** On a thread of its own; the memory handed over must stay until the callback. */
  async(...given: [...SessionRunArguments, Callback]): void;
}

/** Declared by hand: the few dozen of several hundred that are needed. */
const declarations = `
  const char* TF_Version()
  void* TF_NewStatus()
  void TF_DeleteStatus(void*)
  int TF_GetCode(void*)
  const char* TF_Message(void*)
  void* TF_AllocateTensor(int, void*, int, size_t)
  void* TF_NewTensor(int, void*, int, void*, size_t, void*, void*)
  void TF_DeleteTensor(void*)
  void* TF_TensorData(void*)
  size_t TF_TensorByteSize(void*)
  int TF_TensorType(void*)
  int TF_NumDims(void*)
  int64_t TF_Dim(void*, int)
  void TF_StringInit(void*)
  void TF_StringCopy(void*, void*, size_t)
  void* TF_StringGetDataPointer(void*)
  size_t TF_StringGetSize(void*)
  void TF_StringDealloc(void*)
  int TF_DeviceListCount(void*)
  const char* TF_DeviceListName(void*, int, void*)
  const char* TF_DeviceListType(void*, int, void*)
  int64_t TF_DeviceListMemoryBytes(void*, int, void*)
  void TF_DeleteDeviceList(void*)
  void* TFE_NewContextOptions()
  void TFE_ContextOptionsSetConfig(void*, void*, size_t, void*)
  void TFE_DeleteContextOptions(void*)
  void* TFE_NewContext(void*, void*)
  void TFE_DeleteContext(void*)
  void* TFE_ContextListDevices(void*, void*)
  void* TFE_NewTensorHandle(void*, void*)
  void TFE_DeleteTensorHandle(void*)
  void* TFE_TensorHandleResolve(void*, void*)
  int TFE_TensorHandleNumDims(void*, void*)
  int64_t TFE_TensorHandleDim(void*, int, void*)
  int TFE_TensorHandleDataType(void*)
  void* TFE_TensorHandleCopyToDevice(void*, void*, const char*, void*)
  void* TFE_NewOp(void*, const char*, void*)
  void TFE_DeleteOp(void*)
  void TFE_OpAddInput(void*, void*, void*)
  int TFE_OpGetAttrType(void*, const char*, void*, void*)
  void TFE_OpSetAttrString(void*, const char*, void*, size_t)
  void TFE_OpSetAttrStringList(void*, const char*, const char**, void*, int)
  void TFE_OpSetAttrInt(void*, const char*, int64_t)
  void TFE_OpSetAttrIntList(void*, const char*, void*, int)
  void TFE_OpSetAttrFloat(void*, const char*, float)
  void TFE_OpSetAttrFloatList(void*, const char*, void*, int)
  void TFE_OpSetAttrBool(void*, const char*, uint8_t)
  void TFE_OpSetAttrType(void*, const char*, int)
  void TFE_OpSetAttrTypeList(void*, const char*, void*, int)
  void TFE_OpSetAttrShape(void*, const char*, void*, int, void*)
  void TFE_Execute(void*, void*, void*, void*)
  void* TF_NewGraph()
  void TF_DeleteGraph(void*)
  void* TF_NewOperation(void*, const char*, const char*)
  void TF_AddInput(void*, TF_Output)
  void TF_AddInputList(void*, TF_Output*, int)
  void TF_AddControlInput(void*, void*)
  void TF_SetAttrString(void*, const char*, void*, size_t)
  void TF_SetAttrInt(void*, const char*, int64_t)
  void TF_SetAttrIntList(void*, const char*, void*, int)
  void TF_SetAttrFloat(void*, const char*, float)
  void TF_SetAttrFloatList(void*, const char*, void*, int)
  void TF_SetAttrBool(void*, const char*, uint8_t)
  void TF_SetAttrType(void*, const char*, int)
  void TF_SetAttrTypeList(void*, const char*, void*, int)
  void TF_SetAttrShape(void*, const char*, void*, int)
  void TF_SetAttrTensor(void*, const char*, void*, void*)
  void* TF_FinishOperation(void*, void*)
  int TF_OperationNumOutputs(void*)
  int TF_OperationOutputType(TF_Output)
  int TF_GraphGetTensorNumDims(void*, TF_Output, void*)
  const char* TF_OperationName(void*)
  void TF_GraphToGraphDef(void*, void*, void*)
  void TF_GraphGetTensorShape(void*, TF_Output, void*, int, void*)
  void* TF_NewSessionOptions()
  void TF_SetConfig(void*, void*, size_t, void*)
  void TF_DeleteSessionOptions(void*)
  void* TF_NewSession(void*, void*, void*)
  void TF_CloseSession(void*, void*)
  void TF_DeleteSession(void*, void*)
  void* TF_LoadSessionFromSavedModel(void*, void*, const char*, const char**, int, void*, void*, void*)
  void* TF_GraphOperationByName(void*, const char*)
  void TF_SessionRun(void*, void*, void*, void*, int, void*, void*, int, void*, int, void*, void*)
  void* TF_NewBuffer()
  void* TF_NewBufferFromString(void*, size_t)
  void TF_DeleteBuffer(void*)
`;

koffi.struct('TF_Output', { oper: 'void*', index: 'int' });

export function declareFunctions(library: LibraryHandle): NativeFunctions {
  const functions = declarations
    .trim()
    .split('\n')
    .map((line) => library.func(line.trim()))
    .map((declared) => [declared.info.name, declared]);
  return Object.fromEntries(functions) as NativeFunctions;
}

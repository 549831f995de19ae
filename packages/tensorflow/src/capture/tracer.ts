import {
  attributeType,
  type Binding,
  type NodeBackend,
  type OpAttribute,
  type TensorMetadata,
} from '../backend/index.js';
import type { Attribute } from '../graph/attributes.js';
import type { Graph, Output } from '../graph/graph.js';
import { dataType, elementCount } from '../native/dataTypes.js';
import { lower } from './lowering.js';
import type { MixedPrecision } from './mixedPrecision.js';
import { PoolFirst } from './poolFirst.js';
import { type Product, Products } from './products.js';
import { refusal } from './refusal.js';

/** Constants up to this size may be asked for their values while capturing. */
const knownElements = 16;

/** By the binding that stands in while they trace. */
const tracers = new WeakMap<object, Tracer>();

/**
 * Stands in for the binding while a function is captured: what the function would compute is added to a
 * graph instead. Nothing is computed, so that capturing takes the same time for every batch size.
 *
 * Tensors that the graph will compute have negative ids; those made on the host are real ones, which
 * become constants of the graph where an op uses them.
 */
export class Tracer {
  readonly #symbols: Output[] = [];
  readonly #constants = new Map<number, Output>();
  readonly #products = new Products((matrix) => this.#withoutBatch(matrix));
  readonly #poolFirst = new PoolFirst((call) => this.#add(this.mixed?.place(call) ?? call));

  constructor(
    private readonly real: Binding,
    private readonly graph: Graph,
    /** What variables read as in the graph, by the real id of their value. */
    private readonly variables: ReadonlyMap<number, () => Output>,
    /** null: everything in float32. */
    private readonly mixed: MixedPrecision | null,
    /** One size may be unknown: TensorFlow.js then reckons with -1. */
    private readonly isBatchOpen: boolean,
  ) {
    const own: Partial<Binding> = {
      deleteTensor: (id) => this.#delete(id),
      tensorDataSync: (id) => this.#valuesOf(id),
      executeOp: (name, attributes, ids, outputs) => this.#execute(name, attributes, ids, outputs),
    };
    this.binding = Object.assign(Object.create(real) as Binding, own);
    tracers.set(this.binding, this);
  }

  /** What TensorFlow.js's kernels call while capturing; what is not said here is the real one's. */
  readonly binding: NodeBackend['binding'];

  /** The id by which TensorFlow.js's kernels know an output of the graph. */
  symbol(output: Output): number {
    this.#symbols.push(output);
    return -this.#symbols.length;
  }

  /** The output of the graph behind an id, real ones included. */
  outputOf(id: number): Output {
    if (id < 0) return this.#symbols[-id - 1]!;
    const known = this.#constants.get(id);
    if (known !== undefined) return known;
    const read = this.variables.get(id);
    if (read !== undefined) return read();
    const constant = this.#constantOf(id);
    this.#constants.set(id, constant);
    return constant;
  }

  /** The tracer whose binding this is; none where ops are run as they come. */
  static behind(binding: NodeBackend['binding']): Tracer | undefined {
    return tracers.get(binding);
  }

  /** The same value, for whatever must not begin before the others are done. */
  orderAfter(id: number, others: readonly number[]): TensorMetadata {
    const after = others.map((other) => this.outputOf(other).oper);
    const options = { inputs: [this.outputOf(id)], after };
    return this.#metadataOf('Identity', this.graph.operation('Identity', options).outputs[0]!);
  }

  /** As outputOf, in the type that TensorFlow.js takes it for. */
  resultOf(id: number): Output {
    const output = this.outputOf(id);
    return this.mixed?.float(output) ?? output;
  }

  /** What the output behind an id is the product of, in the type that TensorFlow.js takes it for. */
  productOf(id: number): Product | undefined {
    const product = this.#products.of(this.outputOf(id));
    if (product === undefined) return undefined;
    const { left, right } = product;
    return {
      left: this.mixed?.float(left) ?? left,
      right: this.mixed?.float(right) ?? right,
    };
  }

  #execute(
    name: string,
    attributes: readonly OpAttribute[],
    ids: readonly number[],
    outputCount: number,
  ): TensorMetadata[] {
    const call = {
      name,
      attributes: Object.fromEntries(attributes.map((each) => [each.name, attributeOf(each)])),
      inputs: ids.map((id) => this.outputOf(id)),
    };
    const known = (input: number) => this.#knownValues(ids[input]!);
    const lowered = lower(call, known, (matrix) => this.#transpose(matrix));
    const outputs = this.#poolFirst.apply(lowered);
    if (outputs[0] !== undefined) this.#products.note(call, outputs[0]);
    return outputs.slice(0, outputCount).map((output) => this.#metadataOf(name, output));
  }

  #transpose(matrix: Output): Output {
    return this.graph.node('Transpose', [matrix, this.graph.int32(1, 0)]);
  }

  #withoutBatch(matrix: Output): Output {
    return this.graph.node('Reshape', [matrix, this.graph.int32(...matrix.shape!.slice(-2))]);
  }

  #add({ name, attributes, inputs }: ReturnType<typeof lower>): readonly Output[] {
    try {
      return this.graph.operation(name, { inputs: inputsOf(name, inputs), attributes }).outputs;
    } catch (thrown) {
      const reason = thrown instanceof Error ? thrown.message : String(thrown);
      throw refusal(
        `the op ${name} cannot be captured: ${reason}`,
        'Leave the op out, or run the function without capturing it.',
        thrown,
      );
    }
  }

  #metadataOf(name: string, output: Output): TensorMetadata {
    const { shape, type } = output;
    const unknown = shape?.filter((size) => size === -1).length;
    if (shape === null || unknown! > (this.isBatchOpen ? 1 : 0)) {
      throw refusal(
        `the op ${name} cannot be captured: the shape of its result depends on the data`,
        'Use an op whose result has the same shape for every input of a shape (a mask, say).',
      );
    }
    const known = type === dataType.bfloat16 ? dataType.float32 : type;
    return { id: this.symbol(output), shape: [...shape], dtype: known };
  }

  /** A large constant of equal values (`ones`, `zeros`) costs no more than its value. */
  #constantOf(id: number): Output {
    const { graph, real } = this;
    const { shape, dtype } = real.shapeAndTypeOf(id);
    if (elementCount(shape) > knownElements && fillable.includes(dtype)) {
      const values = real.tensorDataSync(id) as Float32Array | Int32Array | Uint8Array;
      if (allEqual(values)) {
        const scalar = graph.constant(dtype, [], values.slice(0, 1));
        return graph.node('Fill', [graph.int32(...shape), scalar]);
      }
    }
    const tensor = real.resolve(id);
    try {
      return graph.constantOf(tensor, dtype);
    } finally {
      graph.c.TF_DeleteTensor(tensor);
    }
  }

  #knownValues(id: number): readonly number[] | null {
    if (id < 0 || this.variables.has(id)) return null;
    const { shape, dtype } = this.real.shapeAndTypeOf(id);
    if (dtype !== dataType.int32 || elementCount(shape) > knownElements) return null;
    return Array.from(this.real.tensorDataSync(id) as Int32Array);
  }

  #valuesOf(id: number): ReturnType<Binding['tensorDataSync']> {
    if (id >= 0 && !this.variables.has(id)) return this.real.tensorDataSync(id);
    throw refusal(
      "a captured function reads a tensor's values, which are not there before it runs",
      'Compute with tensors only (no data, dataSync, array or print), or return the tensor.',
    );
  }

  #delete(id: number): void {
    this.#constants.delete(id);
    this.real.deleteTensor(id);
  }
}

/** Types that TensorFlow.js makes on the host, a number for each element. */
const fillable: readonly number[] = [dataType.float32, dataType.int32, dataType.bool];

/** Equal to the bit, as far as the bits mean anything: 0 is not -0, but NaN is NaN. */
const allEqual = (values: Float32Array | Int32Array | Uint8Array): boolean =>
  values.every((value) => Object.is(value, values[0]));

/** The few ops whose inputs are a list (and not some single ones). */
const listInputs: Readonly<Record<string, (inputs: readonly Output[]) => (Output | Output[])[]>> = {
  AddN: (inputs) => [[...inputs]],
  ConcatV2: (inputs) => [inputs.slice(0, -1), inputs.at(-1)!],
  Einsum: (inputs) => [[...inputs]],
  Pack: (inputs) => [[...inputs]],
};

const inputsOf = (name: string, inputs: readonly Output[]): readonly (Output | Output[])[] =>
  listInputs[name]?.(inputs) ?? inputs;

function attributeOf({ name, type, value }: OpAttribute): Attribute {
  const isList = Array.isArray(value);
  switch (type) {
    case attributeType.string:
      if (!isList) return { string: String(value) };
      break;
    case attributeType.int:
      // As the binding does: kernels of random ops pass the seed as the user gave it.
      return isList ? { ints: value.map(Math.trunc) } : { int: Math.trunc(Number(value)) };
    case attributeType.float:
      return isList ? { floats: value } : { float: Number(value) };
    case attributeType.bool:
      if (!isList) return { bool: Boolean(value) };
      break;
    case attributeType.type:
      return isList ? { types: value } : { type: Number(value) };
    case attributeType.shape:
      if (isList) return { shape: value };
      break;
  }
  throw refusal(
    `an op with the attribute '${name}' of the value ${JSON.stringify(value)} cannot be captured`,
    'Leave the op out, or run the function without capturing it.',
  );
}

import type { Variable } from '@tensorflow/tfjs-core';
import type { TensorFlow } from '../backend/index.js';
import { Graph, type Operation, type Output } from '../graph/graph.js';
import { type Program, Session, type SessionOptions } from '../graph/session.js';
import { dataType, elementCount } from '../native/dataTypes.js';
import type { Pointer } from '../native/functions.js';
import { bytesOfTensor, tensorFrom } from '../native/tensor.js';

/** A float32 variable that lives in the graph. */
export interface GraphVariable {
  readonly name: string;
  readonly shape: readonly number[];
  /** The resource that `ReadVariableOp`, `ResourceApply...` take. */
  readonly handle: Output;
}

const float = { type: dataType.float32 };

/**
 * One graph and its session: variables, and the functions that are captured into it. Values of variables
 * are in TensorFlow's hands; TensorFlow.js variables that are bound to them keep the values they had.
 */
export class GraphSpace {
  readonly graph: Graph;
  readonly session: Session;
  readonly #variables = new Map<string, GraphVariable>();
  readonly #bound = new Map<Variable, GraphVariable>();
  readonly #assigned = new Map<GraphVariable, { feed: Output; assign: Operation; read: Output }>();

  constructor(
    readonly tensorflow: TensorFlow,
    options: SessionOptions = {},
  ) {
    this.graph = new Graph(tensorflow.library);
    this.session = new Session(this.graph, options);
  }

  /** Variables that captured functions use, by what TensorFlow.js knows them as. */
  get bound(): ReadonlyMap<Variable, GraphVariable> {
    return this.#bound;
  }

  /** A new variable; it has no value until `write`. */
  variable(name: string, shape: readonly number[]): GraphVariable {
    const { graph } = this;
    const handle = graph.node('VarHandleOp', [], {
      dtype: float,
      shape: { shape },
      shared_name: { string: name },
      container: { string: '' },
    });
    const variable = { name, shape, handle };
    const feed = graph.placeholder(dataType.float32, shape);
    const assign = this.assign(variable, feed);
    this.#assigned.set(variable, { feed, assign, read: this.read(variable) });
    this.#variables.set(name, variable);
    return variable;
  }

  /** Functions that use this TensorFlow.js variable will use the graph's. */
  bind(variable: Variable, to: GraphVariable): void {
    this.#bound.set(variable, to);
  }

  read({ handle }: GraphVariable): Output {
    return this.graph.node('ReadVariableOp', [handle], { dtype: float });
  }

  /** @param read that must see the value before */
  assign({ handle }: GraphVariable, value: Output, read?: Output): Operation {
    return this.graph.operation('AssignVariableOp', {
      inputs: [handle, value],
      attributes: { dtype: float },
      after: read === undefined ? [] : [read.oper],
    });
  }

  /** Values by variable, in the order given; `into` is filled one variable after the other. */
  async readInto(variables: readonly GraphVariable[], into: Float32Array): Promise<void> {
    const reads = variables.map((variable) => this.#assigned.get(variable)!.read);
    const tensors = await this.session.prepare({ feeds: [], fetches: reads }).run([]);
    const { c } = this.graph;
    const bytes = new Uint8Array(into.buffer, into.byteOffset, into.byteLength);
    let offset = 0;
    for (const tensor of tensors) {
      const values = bytesOfTensor(c, tensor);
      bytes.set(values, offset);
      offset += values.length;
      c.TF_DeleteTensor(tensor);
    }
  }

  /** @param values of all variables, one after the other */
  async writeFrom(variables: readonly GraphVariable[], values: Float32Array): Promise<void> {
    const { c } = this.graph;
    const assigned = variables.map((variable) => this.#assigned.get(variable)!);
    const program = this.session.prepare({
      feeds: assigned.map(({ feed }) => feed),
      fetches: [],
      targets: assigned.map(({ assign }) => assign),
    });
    let offset = 0;
    const tensors = variables.map(({ shape }) => {
      const length = elementCount(shape);
      const part = values.subarray(offset, offset + length);
      offset += length;
      return tensorFrom(c, dataType.float32, shape, part);
    });
    await runAndDelete(program, tensors, c.TF_DeleteTensor);
  }

  /** What still runs is waited for. */
  async delete(): Promise<void> {
    await this.session.delete();
    this.graph.delete();
  }
}

async function runAndDelete(
  program: Program,
  tensors: readonly Pointer[],
  remove: (tensor: Pointer) => void,
): Promise<Pointer[]> {
  try {
    return await program.run(tensors);
  } finally {
    for (const tensor of tensors) remove(tensor);
  }
}

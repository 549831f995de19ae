import { LockstepError } from '@lockstep/core';
import type { Graph, Operation, Output } from '../graph/graph.js';
import type { Session } from '../graph/session.js';
import { dataType, elementCount } from '../native/dataTypes.js';
import type { Pointer } from '../native/functions.js';
import { addressOf } from '../native/memory.js';
import { readTensor, tensorFrom, tensorOver } from '../native/tensor.js';

/** A float32 variable that lives in the graph. */
export interface GraphVariable {
  readonly name: string;
  readonly shape: readonly number[];
  /** The resource that `ReadVariableOp`, `ResourceApply...` take. */
  readonly handle: Output;
}

/** The operations by which values of a variable go in and out. */
export interface Access {
  readonly feed: Output;
  readonly assign: Operation;
  readonly read: Output;
  readonly destroy: Operation;
}

/** Copies values of variables in and out; flat, one variable after the other, in the order given. */
export class VariableValues {
  readonly #access = new Map<GraphVariable, Access>();
  /** What variables have their values in must not be collected. */
  readonly #lent = new Map<GraphVariable, Float32Array>();

  constructor(
    private readonly graph: Graph,
    private readonly session: Session,
  ) {}

  add(variable: GraphVariable, access: Access): void {
    this.#access.set(variable, access);
  }

  /** @throws INTERNAL where `into` is not as long as the variables together */
  async readInto(variables: readonly GraphVariable[], into: Float32Array): Promise<void> {
    const { c } = this.graph;
    const parts = partsOf(variables, into);
    const fetches = this.#accessTo(variables).map(({ read }) => read);
    const tensors = await this.session.prepare({ feeds: [], fetches }).run([]);
    try {
      for (const [i, tensor] of tensors.entries()) readTensor(c, tensor, parts[i]!);
    } finally {
      for (const tensor of tensors) c.TF_DeleteTensor(tensor);
    }
  }

  /**
   * @param values they must stay, unchanged, until the promise settles
   * @throws INTERNAL where they are not as long as the variables together
   */
  async writeFrom(variables: readonly GraphVariable[], values: Float32Array): Promise<void> {
    await this.#assign(variables, values, tensorFrom);
    for (const variable of variables) this.#lent.delete(variable);
  }

  /**
   * Has the variables in this memory from now on, as long as none is assigned to or updated: what is written to it
   * between two runs is what the next one reads. TensorFlow never writes to it.
   *
   * @param memory aligned, and so that each variable's part begins at a whole cache line; it is kept
   * @throws INTERNAL where it is not, or on a GPU, which does not see it
   */
  async lend(variables: readonly GraphVariable[], memory: Float32Array): Promise<void> {
    // Until they are all in the new memory, they may be in the former.
    const former = variables.map((variable) => this.#lent.get(variable));
    for (const variable of variables) this.#lent.set(variable, memory);
    await this.#assign(variables, memory, (c, type, shape, part) => {
      const tensor = tensorOver(c, type, shape, part);
      if (c.TF_TensorData(tensor) === addressOf(part)) return tensor;
      c.TF_DeleteTensor(tensor);
      throw new LockstepError('INTERNAL', 'memory that is not aligned was lent to variables');
    });
    former.length = 0;
  }

  async #assign(
    variables: readonly GraphVariable[],
    values: Float32Array,
    make: typeof tensorFrom,
  ): Promise<void> {
    // TensorFlow refuses to run nothing.
    if (variables.length === 0) return;
    const { c } = this.graph;
    const parts = partsOf(variables, values);
    const access = this.#accessTo(variables);
    const program = this.session.prepare({
      feeds: access.map(({ feed }) => feed),
      fetches: [],
      targets: access.map(({ assign }) => assign),
    });
    const tensors: Pointer[] = [];
    try {
      for (const [i, { shape }] of variables.entries()) {
        tensors.push(make(c, dataType.float32, shape, parts[i]!));
      }
      await program.run(tensors);
    } finally {
      for (const tensor of tensors) c.TF_DeleteTensor(tensor);
    }
  }

  /** Frees the variables' memory. They have no value any more, and get none. */
  async destroy(variables: readonly GraphVariable[]): Promise<void> {
    if (variables.length === 0) return;
    const targets = this.#accessTo(variables).map(({ destroy }) => destroy);
    await this.session.prepare({ feeds: [], fetches: [], targets }).run([]);
    for (const variable of variables) this.#access.delete(variable);
  }

  #accessTo(variables: readonly GraphVariable[]): Access[] {
    return variables.map((variable) => {
      const access = this.#access.get(variable);
      if (access !== undefined) return access;
      throw new LockstepError('INTERNAL', `the variable '${variable.name}' has no value any more`);
    });
  }
}

/** The last part takes all that is left, so that a wrong length shows. */
function partsOf(variables: readonly GraphVariable[], values: Float32Array): Float32Array[] {
  let begin = 0;
  return variables.map(({ shape }, i) => {
    const end = i === variables.length - 1 ? values.length : begin + elementCount(shape);
    const part = values.subarray(begin, end);
    begin = end;
    return part;
  });
}

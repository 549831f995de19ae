import type { GraphSpace, GraphVariable, VariableValues } from '@lockstep/tensorflow';
import type { Optimizer } from '../../optimizer/index.js';
import type { GraphUpdate } from './updates/index.js';

type Variables = Readonly<Record<string, readonly GraphVariable[]>>;

/**
 * What an optimizer remembers of some weights, as variables of the graph. It takes no room before it is needed:
 * a model that only predicts never needs it, and one that is sharded needs a part.
 */
export class OptimizerMemory {
  readonly #slots: Variables;
  /** What kernels want besides, and is no part of the optimizer's state. */
  readonly #scratch: Variables;
  #isThere = false;

  /** @param length elements of all the weights together */
  constructor(
    space: GraphSpace,
    private readonly optimizer: Optimizer,
    { scratch = [] }: GraphUpdate,
    weights: readonly GraphVariable[],
    private readonly length: number,
  ) {
    const beside = (name: string) =>
      weights.map((weight) => space.variable(`${weight.name}/${name}`, weight.shape));
    const all = (names: readonly string[]) =>
      Object.fromEntries(names.map((name) => [name, beside(name)]));
    this.#slots = all(optimizer.slotNames);
    this.#scratch = all(scratch);
  }

  /** Whether it takes room. Without, it is as at the start of training. */
  get isThere(): boolean {
    return this.#isThere;
  }

  /** What belongs to one of the weights, by name. */
  of(weight: number): Record<string, GraphVariable> {
    const all = Object.entries({ ...this.#slots, ...this.#scratch });
    return Object.fromEntries(all.map(([name, variables]) => [name, variables[weight]!]));
  }

  /** As it is before the first update; nothing where it is there already. */
  async begin(values: VariableValues): Promise<void> {
    if (!this.#isThere) await this.write(values, this.#initial());
  }

  /** Slots by name, each of all the weights, flat. */
  async read(values: VariableValues): Promise<Record<string, Float32Array>> {
    if (!this.#isThere) return this.#initial();
    const slots: Record<string, Float32Array> = {};
    for (const [name, variables] of Object.entries(this.#slots)) {
      slots[name] = new Float32Array(this.length);
      await values.readInto(variables, slots[name]);
    }
    return slots;
  }

  async write(
    values: VariableValues,
    slots: Readonly<Record<string, Float32Array>>,
  ): Promise<void> {
    for (const [name, variables] of Object.entries(this.#slots)) {
      await values.writeFrom(variables, slots[name]!);
    }
    if (!this.#isThere) {
      const zeros = new Float32Array(this.length);
      for (const variables of Object.values(this.#scratch)) {
        await values.writeFrom(variables, zeros);
      }
    }
    this.#isThere = true;
  }

  /** Gives back its room, for good. */
  async destroy(values: VariableValues): Promise<void> {
    const variables = [this.#slots, this.#scratch].flatMap((each) => Object.values(each).flat());
    await values.destroy(variables);
  }

  #initial(): Record<string, Float32Array> {
    const { slotNames } = this.optimizer;
    const slots = slotNames.map((name) => [name, this.optimizer.initialSlot(name, this.length)]);
    return Object.fromEntries(slots) as Record<string, Float32Array>;
  }
}

import type { KernelMemory } from '@lockstep/core/reducer';
import type { Optimizer } from '../../optimizer/index.js';

type Slots = Record<string, Float32Array>;

/** Arrays begin at whole cache lines, of 16 elements. */
const padded = (length: number): number => Math.ceil(length / 16) * 16;

/**
 * The optimizer on the host, in the memory that averaged gradients lie in: the weights that it updates and what it
 * remembers lie there, too. Like OptimizerMemory, that takes no room before it is needed.
 */
export class HostUpdate {
  /** What it updates. Nobody else writes to it: a line that another core has read is written slowly. */
  readonly weights: Float32Array;
  #slots: Slots | null = null;
  /** For gradients that lie elsewhere. */
  #gradient: Float32Array | null = null;

  private constructor(
    private readonly memory: KernelMemory,
    private readonly optimizer: Optimizer,
    length: number,
  ) {
    this.weights = memory.allocate(length);
  }

  /**
   * @param optimizer whose arrays lie in the memory
   * @param length of the weights
   * @returns null where there is no room
   */
  static in(memory: KernelMemory, optimizer: Optimizer, length: number): HostUpdate | null {
    const arrays = 1 + optimizer.slotNames.length + 1;
    const bytes = arrays * padded(length) * Float32Array.BYTES_PER_ELEMENT;
    return bytes > memory.free ? null : new HostUpdate(memory, optimizer, length);
  }

  get isThere(): boolean {
    return this.#slots !== null;
  }

  async begin(): Promise<void> {
    this.#begun();
  }

  async read(): Promise<Slots> {
    const slots = Object.entries(this.#slots ?? this.#initial());
    return Object.fromEntries(slots.map(([name, slot]) => [name, slot.slice()]));
  }

  async write(_: unknown, slots: Readonly<Slots>): Promise<void> {
    for (const [name, slot] of Object.entries(this.#begun())) slot.set(slots[name]!);
  }

  /** The memory goes with the reducer's. */
  async destroy(): Promise<void> {
    this.#slots = null;
  }

  update(gradient: Float32Array, learningRate: number, iterations: number): void {
    const slots = this.#begun();
    this.optimizer.update(this.weights, this.#within(gradient), slots, learningRate, iterations);
  }

  #begun(): Slots {
    if (this.#slots !== null) return this.#slots;
    const slots = Object.entries(this.#initial()).map(([name, initial]): [string, Float32Array] => {
      const slot = this.memory.allocate(initial.length);
      slot.set(initial);
      return [name, slot];
    });
    this.#slots = Object.fromEntries(slots);
    return this.#slots;
  }

  #initial(): Slots {
    const { optimizer, weights } = this;
    const slots = optimizer.slotNames.map((name): [string, Float32Array] => [
      name,
      optimizer.initialSlot(name, weights.length),
    ]);
    return Object.fromEntries(slots);
  }

  #within(gradient: Float32Array): Float32Array {
    if (gradient.buffer === this.memory.buffer) return gradient;
    this.#gradient ??= this.memory.allocate(gradient.length);
    this.#gradient.set(gradient);
    return this.#gradient;
  }
}

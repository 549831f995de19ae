import { type Disk, MemoryDisk } from '@lockstep/core/disk';
import type { Dice } from '../scenario/dice.js';

/** The disk of the coordinator's machine: it outlives the processes that use it. */
export class ClusterDisk {
  #disk: MemoryDisk;
  #isFull = false;

  constructor(private readonly dice: Dice) {
    this.#disk = new MemoryDisk(this.#faults());
  }

  /** As the process that runs now sees it. */
  get current(): Disk {
    return this.#disk;
  }

  fill(): void {
    this.#isFull = true;
  }

  makeRoom(): void {
    this.#isFull = false;
  }

  /** The process that used it is dead. @param isPowerCut its machine, too: what was not flushed may be lost */
  outlive(isPowerCut: boolean): void {
    this.#disk = isPowerCut
      ? this.#disk.afterPowerCut((below) => this.dice.below(below), this.#faults())
      : this.#disk.afterKill(this.#faults());
  }

  #faults() {
    const slowMs = this.dice.pick([1, 1, 5, 50]);
    return {
      before: async (operation: string, path: string): Promise<void> => {
        await new Promise((resolve) => setTimeout(resolve, 1 + this.dice.below(slowMs)));
        if (this.#isFull && operation === 'write') {
          const text = `ENOSPC: no space left on device, ${operation} '${path}'`;
          throw Object.assign(new Error(text), { code: 'ENOSPC' });
        }
      },
    };
  }
}

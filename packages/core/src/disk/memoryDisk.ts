import { dirname, join } from 'node:path';
import type { Disk, FileBeingWritten } from './disk.js';
import { type Choose, failure, nothingLost, Volume } from './volume.js';

/** What a disk in memory does wrong. */
export interface DiskFaults {
  /** Bytes that fit on it; a write beyond them stores what fits and fails with ENOSPC. */
  readonly capacity?: number;
  /** Nothing can be changed on it: EROFS. */
  readonly readOnly?: boolean;
  /**
   * The process ends, or the power fails, when so much has been done: each operation counts 1, and each byte
   * that is written 1 more, so that every number up to `done` is another moment.
   */
  readonly diesAfter?: number;
  /** Called before each operation: it may take its time, or throw what the operation shall fail with. */
  readonly before?: (operation: string, path: string) => Promise<void>;
}

/** What an operation fails with, and each one after it, once the disk's process is dead. */
export class PowerCut extends Error {
  constructor() {
    super('the process that used this disk is dead');
  }
}

/**
 * A disk in memory, which does what POSIX promises and not a byte more: what was not flushed may be lost, and
 * names apart from bytes. It is seen by one process; what the next one finds there is `afterKill` or
 * `afterPowerCut`, a disk of its own.
 */
export class MemoryDisk implements Disk {
  readonly #volume: Volume;
  readonly #faults: DiskFaults;
  #done = 0;
  #dead = false;

  constructor(faults: DiskFaults = {}, volume: Volume = new Volume()) {
    this.#faults = faults;
    this.#volume = volume;
  }

  /** How much was done on it so far, in the units of `diesAfter`. */
  get done(): number {
    return this.#done;
  }

  /** Bytes of all files. */
  get used(): number {
    return this.#volume.used;
  }

  /** The process ended and the computer did not: nothing is lost that was written. The old disk is dead. */
  afterKill(faults: DiskFaults = {}): MemoryDisk {
    this.#dead = true;
    return new MemoryDisk(faults, this.#volume.survivors(nothingLost));
  }

  /**
   * The computer lost its power: of what was not flushed, anything may be left. The old disk is dead.
   *
   * @param choose decides what is left: a whole number from 0 to below the given one
   */
  afterPowerCut(choose: Choose, faults: DiskFaults = {}): MemoryDisk {
    this.#dead = true;
    return new MemoryDisk(faults, this.#volume.survivors(choose));
  }

  /** Changes bytes behind everybody's back, as a bad sector does. */
  damage(file: string, change: (bytes: Uint8Array) => Uint8Array): void {
    const found = this.#volume.file('open', file);
    found.replace(change(found.bytes));
  }

  async create(file: string): Promise<FileBeingWritten> {
    await this.#begin('open', file, true);
    const created = this.#volume.create(file);
    return {
      write: async (bytes) => {
        await this.#begin('write', file, true);
        const { diesAfter = Infinity, capacity = Infinity } = this.#faults;
        const room = Math.max(0, capacity - this.#volume.used);
        const alive = Math.max(0, diesAfter - this.#done);
        const length = Math.min(bytes.length, room, alive);
        created.append(bytes.subarray(0, length));
        this.#done += length;
        if (length === bytes.length) return;
        if (alive <= room) this.#die();
        throw failure('ENOSPC', 'write', file);
      },
      sync: async () => {
        await this.#begin('fsync', file, false);
        created.flush();
      },
      close: async () => await this.#begin('close', file, false),
    };
  }

  async read(file: string): Promise<Uint8Array> {
    await this.#begin('open', file, false);
    return new Uint8Array(this.#volume.file('open', file).bytes);
  }

  async list(folder: string): Promise<string[]> {
    await this.#begin('scandir', folder, false);
    return this.#volume.list(folder);
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#begin('rename', from, true);
    this.#volume.rename(from, to);
  }

  async link(existing: string, name: string): Promise<void> {
    await this.#begin('link', existing, true);
    this.#volume.link(existing, name);
  }

  async remove(file: string): Promise<void> {
    await this.#begin('rm', file, true);
    this.#volume.remove(file);
  }

  async makeFolder(folder: string): Promise<void> {
    if (this.#volume.isFolder(folder)) return await this.#begin('mkdir', folder, false);
    const above = dirname(join(folder));
    if (!this.#volume.isFolder(above) && !this.#volume.isFile(above)) await this.makeFolder(above);
    await this.#begin('mkdir', folder, true);
    this.#volume.makeFolder(folder);
  }

  async syncFolder(folder: string): Promise<void> {
    await this.#begin('fsync', folder, false);
    this.#volume.folder('open', folder).flush();
  }

  async #begin(operation: string, path: string, changes: boolean): Promise<void> {
    if (this.#dead) throw new PowerCut();
    await this.#faults.before?.(operation, path);
    if (this.#dead || this.#done >= (this.#faults.diesAfter ?? Infinity)) this.#die();
    this.#done += 1;
    if (changes && this.#faults.readOnly) throw failure('EROFS', operation, path);
  }

  #die(): never {
    this.#dead = true;
    throw new PowerCut();
  }
}

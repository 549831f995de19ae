import { join } from 'node:path';
import { fileError, linkAtomically, removeLeftovers, writeAtomically } from '../atomicFile.js';
import type { Disk } from '../disk/disk.js';
import { realDisk } from '../disk/realDisk.js';
import { errnoOf } from '../errno.js';
import { LockstepError } from '../errors.js';
import type { Checkpoint } from './checkpoint.js';
import { decodeCheckpoint } from './decode.js';
import { encodeCheckpoint } from './encode.js';

export interface StoredCheckpoint {
  checkpoint: Checkpoint;
  file: string;
}

export interface NewestCheckpoint extends StoredCheckpoint {
  /** Newer ones that could not be read, with the reason as a sentence. */
  skipped: { file: string; reason: string }[];
}

const bestName = 'best.ckpt';

/**
 * The checkpoints of one run in one directory, as `epoch-EEEE-step-SSSSSSSS.ckpt` and `best.ckpt`. Anyone
 * may read; only one process, the coordinator, may save.
 */
export class CheckpointStore {
  readonly #keepLast: number;
  readonly #disk: Disk;
  #prepared = false;

  /** @param options.keepLast how many checkpoints stay besides the best one; default 3; USAGE below 1 */
  constructor(
    readonly directory: string,
    { keepLast = 3, disk = realDisk }: { keepLast?: number; disk?: Disk } = {},
  ) {
    if (!Number.isInteger(keepLast) || keepLast < 1) {
      throw new LockstepError('USAGE', `cannot keep ${keepLast} checkpoints`, {
        hint: 'Keep at least 1.',
      });
    }
    this.#keepLast = keepLast;
    this.#disk = disk;
  }

  /**
   * Makes the directory and removes what a writer that died left unfinished. `save` does this by itself;
   * calling it first tells early that nothing can be written (RUN_DIRECTORY).
   */
  async prepare(): Promise<void> {
    try {
      await this.#disk.makeFolder(this.directory);
      await removeLeftovers(this.directory, this.#disk);
      this.#prepared = true;
    } catch (thrown) {
      throw fileError('create', this.directory, thrown);
    }
  }

  /**
   * Writes a checkpoint, whole or not at all, and then removes those beyond `keepLast`. With `best` it is
   * also kept as `best.ckpt`, which is never removed. The arrays must not change before it is done.
   * RUN_DIRECTORY when the disk refuses; the earlier checkpoints are untouched then.
   */
  async save(
    checkpoint: Checkpoint,
    { best = false }: { best?: boolean } = {},
  ): Promise<{ file: string; bytes: number }> {
    if (!this.#prepared) await this.prepare();
    const { epoch, step } = checkpoint.header.cursor;
    const name = `epoch-${pad(epoch, 4)}-step-${pad(step, 8)}.ckpt`;
    const file = join(this.directory, name);
    const parts = encodeCheckpoint(checkpoint);
    const bytes = await writeAtomically(file, parts, this.#disk);
    if (best) {
      const bestFile = join(this.directory, bestName);
      const linked = await linkAtomically(file, bestFile, this.#disk);
      if (!linked) await writeAtomically(bestFile, parts, this.#disk);
    }
    await this.#prune(name);
    return { file, bytes };
  }

  /** CHECKPOINT_CORRUPT when it is not whole; RUN_DIRECTORY when it cannot be read at all. */
  async load(file: string): Promise<Checkpoint> {
    let bytes: Uint8Array;
    try {
      bytes = await this.#disk.read(file);
    } catch (thrown) {
      throw fileError('read', file, thrown);
    }
    return decodeCheckpoint(bytes, file);
  }

  /**
   * The newest whole checkpoint, and those newer ones that had to be skipped; `best.ckpt` is the last
   * resort. CHECKPOINT_CORRUPT when there is none.
   */
  async newest(): Promise<NewestCheckpoint> {
    const skipped: NewestCheckpoint['skipped'] = [];
    for (const name of [...(await this.#names()), bestName]) {
      const file = join(this.directory, name);
      try {
        return { checkpoint: await this.load(file), file, skipped };
      } catch (thrown) {
        if (!(thrown instanceof LockstepError)) throw thrown;
        // Also where a run that goes on has just removed it.
        if (errnoOf(thrown.cause) !== 'ENOENT') skipped.push({ file, reason: thrown.message });
      }
    }
    const none = skipped.length === 0;
    throw new LockstepError(
      'CHECKPOINT_CORRUPT',
      none
        ? `${this.directory} has no checkpoint`
        : `${this.directory} has no whole checkpoint: ${skipped.map(({ reason }) => reason).join('; ')}`,
      {
        hint: none
          ? 'Check the path of the run directory, or start the run anew.'
          : 'Start the run anew, or put a copy of a whole checkpoint there.',
      },
    );
  }

  /** The checkpoint that was last saved as the best; undefined when none was. */
  async best(): Promise<StoredCheckpoint | undefined> {
    const file = join(this.directory, bestName);
    try {
      return { checkpoint: await this.load(file), file };
    } catch (thrown) {
      if (thrown instanceof LockstepError && errnoOf(thrown.cause) === 'ENOENT') return undefined;
      throw thrown;
    }
  }

  /** Keeps the newest `keepLast`, and in any case the one just written. */
  async #prune(written: string): Promise<void> {
    const beyond = (await this.#names()).slice(this.#keepLast);
    for (const name of beyond.filter((other) => other !== written)) {
      const file = join(this.directory, name);
      await this.#disk.remove(file).catch((thrown: unknown) => {
        throw fileError('remove', file, thrown);
      });
    }
  }

  /** Numbered checkpoints, newest first; none where there is no directory. */
  async #names(): Promise<string[]> {
    try {
      return inOrder(await this.#disk.list(this.directory));
    } catch (thrown) {
      if (errnoOf(thrown) === 'ENOENT') return [];
      throw fileError('read', this.directory, thrown);
    }
  }
}

function pad(value: number, digits: number): string {
  return String(value).padStart(digits, '0');
}

/** By step, then by epoch: an epoch's end and the next one's beginning have the same step. */
function inOrder(names: string[]): string[] {
  return names
    .flatMap((name) => {
      const [, epoch, step] = /^epoch-(\d{4,})-step-(\d{8,})\.ckpt$/.exec(name) ?? [];
      return epoch === undefined ? [] : [{ name, epoch: Number(epoch), step: Number(step) }];
    })
    .sort((a, b) => b.step - a.step || b.epoch - a.epoch)
    .map(({ name }) => name);
}

import { basename, dirname, parse, resolve } from 'node:path';

/** A whole number from 0 to below the given one. */
export type Choose = (below: number) => number;

/** Every choice of what is left falls on the most that there can be. */
export const nothingLost: Choose = (below) => below - 1;

/** The bytes of a file, whatever its names are. */
class StoredFile {
  bytes: Uint8Array = new Uint8Array(0);
  /** So many of them survive a power cut. */
  #flushed = 0;

  append(more: Uint8Array): void {
    this.bytes = Buffer.concat([this.bytes, more]);
  }

  replace(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.flush();
  }

  flush(): void {
    this.#flushed = this.bytes.length;
  }

  /** Cut off anywhere behind what was flushed; or as long as that, and zero from there on. */
  survivor(choose: Choose): StoredFile {
    const file = new StoredFile();
    const loose = this.bytes.length - this.#flushed;
    const kept = this.#flushed + choose(loose + 1);
    const zeros = choose(2) === 0;
    file.bytes = zeros ? new Uint8Array(this.bytes.length) : new Uint8Array(kept);
    file.bytes.set(this.bytes.subarray(0, kept));
    file.flush();
    return file;
  }
}

/** What happened to names of one folder at once. */
type Change = readonly (readonly [name: string, file: StoredFile | null])[];

class Folder {
  readonly files = new Map<string, StoredFile>();
  readonly #flushed = new Map<string, StoredFile>();
  #changes: Change[] = [];

  change(...change: Change): void {
    apply(change, this.files);
    this.#changes.push(change);
  }

  flush(): void {
    for (const change of this.#changes) apply(change, this.#flushed);
    this.#changes = [];
  }

  /** Of the changes that were not flushed any may be lost, not only the last ones. */
  survivor(choose: Choose, fileOf: (file: StoredFile) => StoredFile): Folder {
    const names = new Map(this.#flushed);
    for (const change of this.#changes) if (choose(2) !== 0) apply(change, names);
    const folder = new Folder();
    folder.change(...[...names].map(([name, file]) => [name, fileOf(file)] as const));
    folder.flush();
    return folder;
  }
}

function apply(change: Change, names: Map<string, StoredFile>): void {
  for (const [name, file] of change) {
    if (file === null) names.delete(name);
    else names.set(name, file);
  }
}

const texts = {
  EEXIST: 'file already exists',
  EISDIR: 'illegal operation on a directory',
  ENOENT: 'no such file or directory',
  ENOSPC: 'no space left on device',
  ENOTDIR: 'not a directory',
  EROFS: 'read-only file system',
} as const;

/** An error as node:fs throws it. */
export function failure(code: keyof typeof texts, operation: string, path: string): Error {
  const message = `${code}: ${texts[code]}, ${operation} '${path}'`;
  return Object.assign(new Error(message), { code, syscall: operation, path });
}

/** Files, names and folders in memory, and which of them a power cut leaves. Folders are made for good. */
export class Volume {
  readonly #folders = new Map<string, Folder>([[parse(resolve('/')).root, new Folder()]]);

  /** Bytes of all files that have a name. */
  get used(): number {
    const files = new Set([...this.#folders.values()].flatMap(({ files }) => [...files.values()]));
    return [...files].reduce((sum, { bytes }) => sum + bytes.length, 0);
  }

  folder(operation: string, path: string): Folder {
    const found = this.#folders.get(resolve(path));
    if (found !== undefined) return found;
    throw failure(this.#isInFile(resolve(path)) ? 'ENOTDIR' : 'ENOENT', operation, path);
  }

  list(path: string): string[] {
    const files = this.folder('scandir', path).files.keys();
    const inside = (folder: string): boolean =>
      dirname(folder) === resolve(path) && folder !== resolve(path);
    return [...files, ...[...this.#folders.keys()].filter(inside).map((name) => basename(name))];
  }

  isFolder(path: string): boolean {
    return this.#folders.has(resolve(path));
  }

  isFile(path: string): boolean {
    return this.#folders.get(resolve(dirname(path)))?.files.has(basename(path)) ?? false;
  }

  makeFolder(path: string): void {
    if (this.isFile(path)) throw failure('EEXIST', 'mkdir', path);
    this.folder('mkdir', dirname(path));
    this.#folders.set(resolve(path), new Folder());
  }

  file(operation: string, path: string): StoredFile {
    if (this.isFolder(path)) throw failure('EISDIR', operation, path);
    const found = this.folder(operation, dirname(path)).files.get(basename(path));
    if (found === undefined) throw failure('ENOENT', operation, path);
    return found;
  }

  create(path: string): StoredFile {
    const created = new StoredFile();
    this.#give(path, created, 'open');
    return created;
  }

  link(existing: string, path: string): void {
    this.#give(path, this.file('link', existing), 'link');
  }

  rename(from: string, to: string): void {
    const moved = this.file('rename', from);
    if (this.isFolder(to)) throw failure('EISDIR', 'rename', to);
    const source = this.folder('rename', dirname(from));
    const target = this.folder('rename', dirname(to));
    if (target.files.get(basename(to)) === moved) return;
    if (source === target) {
      source.change([basename(to), moved], [basename(from), null]);
    } else {
      target.change([basename(to), moved]);
      source.change([basename(from), null]);
    }
  }

  remove(path: string): void {
    if (this.isFolder(path)) throw failure('EISDIR', 'rm', path);
    if (this.isFile(path)) this.folder('rm', dirname(path)).change([basename(path), null]);
  }

  /** What is found after a failure, on a volume of its own. */
  survivors(choose: Choose): Volume {
    const files = new Map<StoredFile, StoredFile>();
    const fileOf = (file: StoredFile): StoredFile => {
      const survivor = files.get(file) ?? file.survivor(choose);
      files.set(file, survivor);
      return survivor;
    };
    const volume = new Volume();
    for (const [path, folder] of this.#folders) {
      volume.#folders.set(path, folder.survivor(choose, fileOf));
    }
    return volume;
  }

  #give(path: string, file: StoredFile, operation: string): void {
    const folder = this.folder(operation, dirname(path));
    if (this.isFile(path) || this.isFolder(path)) throw failure('EEXIST', operation, path);
    folder.change([basename(path), file]);
  }

  #isInFile(path: string): boolean {
    const above = dirname(path);
    return this.isFile(path) || (above !== path && this.#isInFile(above));
  }
}

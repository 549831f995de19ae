/** A file that is being written from its beginning to its end. */
export interface FileBeingWritten {
  write(bytes: Uint8Array): Promise<void>;
  /** Its bytes survive a power cut from here on; its name does only when the folder is flushed, too. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/**
 * The few things that Lockstep asks of a disk where a file must be whole or absent, so that tests and the
 * simulator can put one in its place that is full, torn or read-only. Every failure is an `Error` with the
 * system's `code` (`ENOSPC`, `ENOENT`, ...), as node:fs throws it.
 */
export interface Disk {
  /** EEXIST where there is one of this name. */
  create(file: string): Promise<FileBeingWritten>;
  read(file: string): Promise<Uint8Array>;
  /** The names in a folder, in no order. */
  list(folder: string): Promise<string[]>;
  /** What had the new name is replaced at once. Two names of one file: nothing happens, both stay. */
  rename(from: string, to: string): Promise<void>;
  /** A second name for a file; EEXIST where there is one of this name. */
  link(existing: string, name: string): Promise<void>;
  /** Where there is none of this name, nothing is to be done. */
  remove(file: string): Promise<void>;
  /** With those above it that are missing; where it is there already, nothing is to be done. */
  makeFolder(folder: string): Promise<void>;
  /** Names given, changed and removed in this folder survive a power cut from here on. */
  syncFolder(folder: string): Promise<void>;
}

import { link, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { makeFolder } from '../makeFolder.js';
import type { Disk } from './disk.js';

/** The computer's file systems. */
export const realDisk: Disk = {
  create: async (file) => {
    const handle = await open(file, 'wx');
    return {
      write: (bytes) => handle.writeFile(bytes),
      sync: () => handle.sync(),
      close: () => handle.close(),
    };
  },
  read: (file) => readFile(file),
  list: (folder) => readdir(folder),
  rename,
  link,
  remove: (file) => rm(file, { force: true }),
  makeFolder,
  syncFolder: async (folder) => {
    // Windows cannot open folders and needs no such flush.
    if (process.platform === 'win32') return;
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
};

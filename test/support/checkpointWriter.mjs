/**
 * Saves the newest checkpoint of a directory again and again, as that of the next step, and says which steps are done.
 * It is killed from outside, or kills itself at a byte of what it does to the disk: node checkpointWriter.mjs DIRECTORY
 * [BYTE]
 */
import { writeSync } from 'node:fs';
import { CheckpointStore } from '@lockstep/core/checkpoint';
import { realDisk } from '@lockstep/core/disk';

const [directory = '', at] = process.argv.slice(2);
let left = at === undefined ? Number.POSITIVE_INFINITY : Number(at);

const die = () => process.kill(process.pid, 'SIGKILL');

/** Each operation counts 1, and each byte that is written 1 more. */
function count() {
  if (left < 1) die();
  left -= 1;
}

/**
 * The real disk, and a process that dies in the middle of using it.
 *
 * @type {import('@lockstep/core/disk').Disk}
 */
const disk = {
  ...realDisk,
  create: async (file) => {
    count();
    const written = await realDisk.create(file);
    return {
      write: async (bytes) => {
        count();
        await written.write(bytes.subarray(0, left));
        if (left < bytes.length) die();
        left -= bytes.length;
      },
      sync: async () => {
        count();
        await written.sync();
      },
      close: () => written.close(),
    };
  },
  rename: async (from, to) => {
    count();
    await realDisk.rename(from, to);
  },
  link: async (existing, name) => {
    count();
    await realDisk.link(existing, name);
  },
  remove: async (file) => {
    count();
    await realDisk.remove(file);
  },
  syncFolder: async (folder) => {
    count();
    await realDisk.syncFolder(folder);
  },
};

const store = new CheckpointStore(directory, { disk, keepLast: 2 });
const { checkpoint } = await store.newest();
for (let step = checkpoint.header.cursor.step + 1; ; step += 1) {
  const cursor = { ...checkpoint.header.cursor, step };
  const next = { ...checkpoint, header: { ...checkpoint.header, cursor } };
  await store.save(next, { best: step % 3 === 0 });
  // At once, and not when the event loop comes to it: what is said is done.
  writeSync(1, `${step}\n`);
}

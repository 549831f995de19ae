import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { afterAll } from 'vitest';

const unshare = ['unshare', '--mount', '--propagation', 'private'];
/** Whether this user may mount what nobody else sees. */
export const canMount =
  process.platform === 'linux' &&
  spawnSync(unshare[0]!, [...unshare.slice(1), 'true']).status === 0;

const holders = new Set<ChildProcess>();
afterAll(() => {
  for (const holder of holders) holder.kill('SIGKILL');
});

/** A folder that is a file system of its own, for those that run `under` it; it goes with the test. */
export interface OwnFileSystem {
  /** Before a command that shall see it. */
  readonly under: readonly string[];
  /** Where this process finds a path in it. */
  readonly pathOf: (path: string) => string;
  /** With options as `mount` has them: `size=1m`, `ro`. @returns whether it was done */
  readonly tryRemount: (options: string) => boolean;
}

/** @param folder what it is mounted on */
export async function ownFileSystem(folder: string, options: string): Promise<OwnFileSystem> {
  // It lives as long as its input is open: nothing is left, however this process ends.
  const script = 'mount -t tmpfs -o "$1" none "$0" && echo ready && exec cat';
  const holder = spawn(unshare[0]!, [...unshare.slice(1), 'sh', '-c', script, folder, options], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  holders.add(holder);
  await once(holder.stdout, 'data');
  const under = ['nsenter', `--target=${holder.pid}`, '--mount', `--wd=${process.cwd()}`];
  return {
    under,
    pathOf: (path) => `/proc/${holder.pid}/root${path}`,
    tryRemount: (again) => {
      const [command, ...rest] = [...under, 'mount', '-o', `remount,${again}`, folder];
      return spawnSync(command!, rest).status === 0;
    },
  };
}

import { canUnshare, ownNamespaces } from './namespaces.js';

/** Whether this user may mount what nobody else sees. */
export const canMount = canUnshare(['mount'], 'mount -t tmpfs none /tmp');

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
  const mount = 'mount -t tmpfs -o "$1" none "$0"';
  const { pid, under, run } = await ownNamespaces(['mount'], mount, folder, options);
  return {
    under,
    pathOf: (path) => `/proc/${pid}/root${path}`,
    tryRemount: (again) => run('mount -o "remount,$1" "$0"', folder, again),
  };
}

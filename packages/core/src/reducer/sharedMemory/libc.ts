import { noSharing } from './noSharing.js';

/** What is used here of the C library. */
export interface Libc {
  /**
   * Puts a file in the place of memory of this process: who else maps it has the same bytes. The descriptor
   * may be closed afterwards.
   *
   * @param begin and `bytes`: whole pages of this machine, which have 4, 16 or 64 KB
   * @throws LockstepError SHARED_MEMORY
   */
  mapFile(memory: ArrayBuffer, begin: number, bytes: number, descriptor: number): void;
  /** Puts zeros there that are this process's own, and so gives back what was there. */
  mapZeros(memory: ArrayBuffer, begin: number, bytes: number): void;
  /** Lets another process go on that waits for this processor. */
  yieldProcessor(): void;
}

/** The part of koffi that is used here. */
type Koffi = Pick<typeof import('koffi')['default'], 'load' | 'address' | 'errno' | 'os'>;

const protection = 0x1 | 0x2;
const shared = 0x01;
const ownOnly = 0x02;
const exactlyThere = 0x10;
const nameless = { linux: 0x20, darwin: 0x1000 } as const;

/**
 * @throws LockstepError SHARED_MEMORY where the system has no mmap as it is known here, or where koffi, by
 *   which it is called, does not load
 */
export async function loadLibc(
  platform: string = process.platform,
  loadKoffi: () => Promise<{ default: Koffi }> = () => import('koffi'),
): Promise<Libc> {
  if (platform !== 'linux' && platform !== 'darwin') {
    throw noSharing(`that works on Linux and macOS, and this is ${platform}`);
  }
  const koffi = await loadKoffi().then(
    (loaded) => loaded.default,
    (cause: unknown) => {
      throw noSharing('koffi, which calls mmap, does not load', cause);
    },
  );
  const library = koffi.load(null);
  const mmap = library.func('void* mmap(void*, size_t, int, int, int, long)');
  const schedYield = library.func('int sched_yield()');

  function map(
    memory: ArrayBuffer,
    begin: number,
    bytes: number,
    flags: number,
    descriptor: number,
  ): void {
    const place = koffi.address(memory) + BigInt(begin);
    const mapped: bigint = mmap(place, bytes, protection, flags | exactlyThere, descriptor, 0);
    if (mapped !== place) {
      throw noSharing(`mmap of ${bytes} bytes failed with error ${koffi.errno()}`);
    }
  }
  return {
    mapFile: (memory, begin, bytes, descriptor) => map(memory, begin, bytes, shared, descriptor),
    mapZeros: (memory, begin, bytes) => map(memory, begin, bytes, ownOnly | nameless[platform], -1),
    yieldProcessor: () => {
      schedYield();
    },
  };
}

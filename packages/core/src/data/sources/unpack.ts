import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { LockstepError } from '../../errors.js';

const gunzipAsync = promisify(gunzip);

/** A dataset is held in memory as a whole; a file that unpacks to more than this is taken for a bomb. */
const maximumBytes = 2 ** 30;

/**
 * The bytes as they are, or unpacked when they begin as gzip does (RFC 1952: 1f 8b), whatever the file is
 * called: browsers and mirrors unpack files without renaming them.
 *
 * @throws DATA_CORRUPT when the gzip stream is damaged, cut short, or unpacks to more than `limit` bytes
 */
export async function unpack(
  bytes: Uint8Array,
  file: string,
  limit: number = maximumBytes,
): Promise<Uint8Array> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return await gunzipAsync(bytes, { maxOutputLength: limit, chunkSize: 2 ** 20 });
  } catch (error) {
    const tooLong = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    throw new LockstepError(
      'DATA_CORRUPT',
      tooLong
        ? `${file}: unpacks to more than ${limit} bytes`
        : `${file}: the gzip stream is damaged: ${(error as Error).message}`,
      { cause: error, hint: 'Fetch the file again from where it came from.' },
    );
  }
}

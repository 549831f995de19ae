import { crc32 } from 'node:zlib';
import { unzipSync, zipSync } from 'fflate';
import { defectIn } from './defect.js';

/** @throws MODEL_FILE where it is cut short, damaged, or no zip */
export function unzip(bytes: Uint8Array, file: string): Record<string, Uint8Array> {
  const { entries, checksums } = unpack(bytes, file);
  for (const [name, checksum] of checksums) {
    const content = entries[name];
    if (content === undefined || crc32(content) === checksum) continue;
    throw defectIn(file, `has other bytes in ${name} than it was written with`);
  }
  return entries;
}

function unpack(bytes: Uint8Array, file: string) {
  try {
    return { entries: unzipSync(bytes), checksums: [...checksumsIn(bytes)] };
  } catch (cause) {
    throw defectIn(file, `is no whole zip archive: ${(cause as Error).message}`, undefined, cause);
  }
}

/**
 * The CRC-32 of each entry in the directory at the archive's end, which fflate does not look at.
 * https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, 4.3.12 and 4.3.16
 */
function* checksumsIn(bytes: Uint8Array): Generator<[name: string, checksum: number]> {
  const archive = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = archive.lastIndexOf('PK\x05\x06', archive.length - 22, 'latin1');
  let at = archive.readUInt32LE(end + 16);
  while (archive.toString('latin1', at, at + 4) === 'PK\x01\x02') {
    const lengths = [28, 30, 32].map((field) => archive.readUInt16LE(at + field));
    const [nameLength = 0, extraLength = 0, commentLength = 0] = lengths;
    const name = archive.toString('utf8', at + 46, at + 46 + nameLength);
    yield [name, archive.readUInt32LE(at + 16)];
    at += 46 + nameLength + extraLength + commentLength;
  }
}

/** Not compressed, as Keras and NumPy have it: weights do not become smaller by it. Equal inputs, equal bytes. */
export function zip(entries: Readonly<Record<string, Uint8Array>>): Uint8Array {
  return zipSync({ ...entries }, { level: 0, mtime: new Date(1980, 0, 1) });
}

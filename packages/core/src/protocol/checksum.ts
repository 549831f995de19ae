import { crc32 } from 'node:zlib';
import type { Frames } from '../transport/index.js';

/** The last frame of a message: CRC-32 of all others, one after another, little-endian. */
export function checksumOf(frames: Frames): Buffer {
  const sum = Buffer.alloc(4);
  sum.writeUInt32LE(frames.reduce((value, frame) => crc32(frame, value), 0));
  return sum;
}

/** Whether a message is what was sent: TCP's own 16 bits let one damaged segment of 65,536 through. */
export const isWhole = (frames: Frames): boolean =>
  frames.length > 1 && checksumOf(frames.slice(0, -1)).equals(frames.at(-1)!);

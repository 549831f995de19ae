/**
 * One file per checkpoint, all integers and floats little-endian (as is every machine that Lockstep's
 * tensor libraries run on):
 *
 *     0        magic `LOCKSTEP`
 *     8        u32 format version
 *     12       u32 header length H, bytes
 *     16       header, JSON in UTF-8
 *     16 + H   zeros up to a multiple of 64
 *              tensors, raw float32, each from a multiple of 64 on, zeros between them
 *     -32      sha256 of all that precedes
 */
export const magic = new TextEncoder().encode('LOCKSTEP');
export const formatVersion = 1;
export const prefixBytes = 16;
export const checksumBytes = 32;

const alignment = 64;

/** The next multiple of 64, where a tensor may begin. */
export function aligned(bytes: number): number {
  return Math.ceil(bytes / alignment) * alignment;
}

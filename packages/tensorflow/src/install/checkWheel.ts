import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { LockstepError } from '@lockstep/core';
import { installError } from './installError.js';
import type { Pin, Wheel } from './pins.js';

/** @param onBytes hears how many bytes were read so far. @returns 64 hexadecimal digits */
export async function hashOfFile(
  file: string,
  onBytes: (bytes: number) => void = () => undefined,
): Promise<string> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) {
    hash.update(chunk as Buffer);
    bytes += (chunk as Buffer).length;
    onBytes(bytes);
  }
  return hash.digest('hex');
}

/** ENGINE_INSTALL with both hashes; a wheel of ours for another machine is called what it is. */
export function wrongHash(
  file: string,
  found: string,
  wheel: Wheel,
  pins: readonly Pin[],
): LockstepError {
  const other = pins.find(({ wheels }) => wheels.some(({ sha256 }) => sha256 === found));
  const what =
    other === undefined
      ? 'has other bytes than it should have'
      : `is for ${other.platform} ${other.architecture} (${other.variant})`;
  return installError(
    `${file} ${what}: its sha256 is ${found}, and ${wheel.file} has ${wheel.sha256}`,
    `Fetch ${wheel.project}==${wheel.version} again; the file must be ${wheel.file}.`,
  );
}

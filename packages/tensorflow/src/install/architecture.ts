import { open } from 'node:fs/promises';
import { installError } from './installError.js';

/** `e_machine` of ELF (System V ABI, chapter 4) by Node's names. */
const elfMachines: Readonly<Record<number, string>> = {
  3: 'ia32',
  40: 'arm',
  62: 'x64',
  183: 'arm64',
  243: 'riscv64',
};
/** `cputype` of 64-bit Mach-O (<mach/machine.h>) by Node's names. */
const machMachines: Readonly<Record<number, string>> = {
  16777223: 'x64',
  16777228: 'arm64',
};

/**
 * Reads for which machine a shared library was built.
 *
 * @returns Node's names, `linux x64`; null for what is no library
 */
export async function architectureOf(file: string): Promise<string | null> {
  const header = Buffer.alloc(20);
  const handle = await open(file, 'r');
  try {
    const { bytesRead } = await handle.read(header, 0, header.length, 0);
    return bytesRead === header.length ? architectureIn(header) : null;
  } finally {
    await handle.close();
  }
}

function architectureIn(header: Buffer): string | null {
  const [magic, offset] = [header.readUInt32BE(0), 18];
  if (magic === 0x7f454c46) {
    const littleEndian = header[5] === 1;
    const machine = littleEndian ? header.readUInt16LE(offset) : header.readUInt16BE(offset);
    return `linux ${elfMachines[machine] ?? `machine ${machine}`}`;
  }
  if (magic === 0xcffaedfe) {
    const machine = header.readUInt32LE(4);
    return `darwin ${machMachines[machine] ?? `machine ${machine}`}`;
  }
  return null;
}

/** @throws ENGINE_INSTALL when the library is for another machine, or is none */
export async function checkArchitecture(
  library: string,
  { platform, architecture }: { platform: string; architecture: string },
  hint: string,
): Promise<void> {
  const found = await architectureOf(library);
  const wanted = `${platform} ${architecture}`;
  if (found === wanted) return;
  const what = found === null ? 'is no shared library' : `is a library for ${found}`;
  throw installError(`${library} ${what}; this machine is ${wanted}`, hint);
}

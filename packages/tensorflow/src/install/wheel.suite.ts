import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';
import { sha256 } from '@lockstep/core';
import type { Pin, Wheel } from './pins.js';
import type { Environment } from './surroundings.js';

/** A zip file (PKWARE APPNOTE 6.3): local headers with their data, the central directory, its end. */
export function zipOf(members: Readonly<Record<string, Uint8Array>>): Buffer {
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const [path, content] of Object.entries(members)) {
    const name = Buffer.from(path);
    const data = deflateRawSync(content);
    const shared = Buffer.alloc(26);
    shared.writeUInt16LE(20, 0);
    shared.writeUInt16LE(8, 4);
    shared.writeUInt32LE(crc32(content), 10);
    shared.writeUInt32LE(data.length, 14);
    shared.writeUInt32LE(content.length, 18);
    shared.writeUInt16LE(name.length, 22);
    local.push(Buffer.from('PK\x03\x04'), shared, name, data);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    central.push(Buffer.from('PK\x01\x02\x14\x00'), shared, rest, name);
    offset += 30 + name.length + data.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(Object.keys(members).length, 8);
  end.writeUInt16LE(Object.keys(members).length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...local, directory, end]);
}

/** The beginning of a shared library as ELF has it, and zeros. @param machine `e_machine`; 62 is x86-64 */
export function elfOf(machine: number, bytes = 4096): Buffer {
  const library = Buffer.alloc(bytes);
  library.write('\x7fELF\x02\x01\x01', 'latin1');
  library.writeUInt16LE(3, 16);
  library.writeUInt16LE(machine, 18);
  return library;
}

export interface TinyPin {
  /** Bytes of the library, unpacked. */
  readonly bytes?: number;
  readonly machine?: number;
  /** What the table says instead of the truth. */
  readonly says?: Partial<Wheel>;
}

/** Writes a wheel of a few kilobytes that pip takes for one, and gives the pin of an engine made of it. */
export function writeTinyWheel(
  folder: string,
  { bytes = 4096, machine = 62, says }: TinyPin = {},
): Pin {
  const project = 'lockstep-tiny';
  const file = 'lockstep_tiny-1.0-cp311-cp311-manylinux_2_27_x86_64.whl';
  const about = 'lockstep_tiny-1.0.dist-info';
  const wheel = zipOf({
    'tensorflow/libtensorflow_cc.so.2': elfOf(machine, bytes),
    'tensorflow/python/unwanted.so': elfOf(machine),
    [`${about}/METADATA`]: Buffer.from(`Metadata-Version: 2.1\nName: ${project}\nVersion: 1.0\n`),
    [`${about}/WHEEL`]: Buffer.from('Wheel-Version: 1.0\nRoot-Is-Purelib: false\n'),
  });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, file), wheel);
  const described = { project, version: '1.0', file, bytes: wheel.length, unpackedBytes: bytes };
  return {
    variant: 'cpu',
    version: '1.0',
    platform: 'linux',
    architecture: 'x64',
    library: 'tensorflow/libtensorflow_cc.so.2',
    wheels: [
      { ...described, sha256: sha256(wheel), members: /^tensorflow\/libtensorflow_cc/, ...says },
    ],
  };
}

/** A machine for which `pin` is, with its cache in `root`; real pip finds wheels in `wheels`, offline. */
export function environmentOf(
  root: string,
  pin: Pin,
  variables: Record<string, string> = {},
): Environment {
  return {
    platform: pin.platform,
    architecture: pin.architecture,
    pins: [pin],
    obstacle: () => null,
    variables: {
      ...{ PATH: process.env.PATH, HOME: root, LOCKSTEP_CACHE: join(root, 'cache') },
      ...{ PIP_NO_INDEX: '1', PIP_FIND_LINKS: join(root, 'wheels') },
      ...variables,
    },
  };
}

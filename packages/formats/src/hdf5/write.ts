import type { Group } from 'h5wasm';
import { withFile } from './library.js';
import type { HdfGroup } from './tree.js';

/** The bytes of an HDF5 file with all that the group has. */
export function writeHdf5(root: HdfGroup): Promise<Uint8Array> {
  return withFile(null, (file, bytes) => {
    writeGroup(file, root);
    return bytes();
  });
}

function writeGroup(into: Group, { attributes, members }: HdfGroup): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'string') into.create_attribute(name, value, [], 'S');
    // HDF5 cannot have an empty list of texts; NumPy writes one of numbers.
    else if (value.length === 0) into.create_attribute(name, new Float64Array(0), [0]);
    else into.create_attribute(name, [...value], [value.length], 'S');
  }
  for (const [name, member] of Object.entries(members)) {
    if (member.kind === 'group') writeGroup(into.create_group(name), member);
    else into.create_dataset({ name, data: member.values, shape: [...member.shape] });
  }
}

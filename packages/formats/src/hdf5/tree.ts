/**
 * What an HDF5 file holds, as plain values: the library that reads and writes the bytes is known in this room only.
 * https://support.hdfgroup.org/documentation/hdf5/latest/_intro_h_d_f5.html
 */
export interface HdfGroup {
  readonly kind: 'group';
  readonly attributes: Readonly<Record<string, HdfAttribute>>;
  readonly members: Readonly<Record<string, HdfGroup | HdfDataset>>;
}

/** Texts are UTF-8 of variable length, as h5py writes them. */
export type HdfAttribute = string | readonly string[];

export interface HdfDataset {
  readonly kind: 'dataset';
  /** `[]` is a single value. */
  readonly shape: readonly number[];
  /** Row-major. */
  readonly values: Float32Array | BigInt64Array;
}

export function group(
  members: HdfGroup['members'],
  attributes: HdfGroup['attributes'] = {},
): HdfGroup {
  return { kind: 'group', attributes, members };
}

export function dataset(values: HdfDataset['values'], shape: readonly number[]): HdfDataset {
  return { kind: 'dataset', shape, values };
}

/** The member at a path such as `layers/dense/vars`; undefined where there is none. */
export function memberAt(root: HdfGroup, path: string): HdfGroup | HdfDataset | undefined {
  let here: HdfGroup | HdfDataset | undefined = root;
  for (const name of path.split('/')) {
    if (here?.kind !== 'group' || !Object.hasOwn(here.members, name)) return undefined;
    here = here.members[name];
  }
  return here;
}

/** Puts a dataset at a path, with the groups on the way to it. The group itself stays as it is. */
export function withDataset(root: HdfGroup, path: string, added: HdfDataset): HdfGroup {
  const [name = '', ...rest] = path.split('/');
  if (rest.length === 0) return { ...root, members: { ...root.members, [name]: added } };
  const inner = root.members[name];
  const next = inner?.kind === 'group' ? inner : group({});
  const member = withDataset(next, rest.join('/'), added);
  return { ...root, members: { ...root.members, [name]: member } };
}

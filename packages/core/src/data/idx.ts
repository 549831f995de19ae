import { LockstepError } from '../errors.js';

/** The format knows more types; the data of MNIST and its kin is unsigned bytes. */
const unsignedByte = 0x08;
const typeNames = new Map([
  [unsignedByte, 'unsigned byte'],
  [0x09, 'signed byte'],
  [0x0b, 'short'],
  [0x0c, 'int'],
  [0x0d, 'float'],
  [0x0e, 'double'],
]);
const maximumRank = 4;

export interface IdxFile {
  readonly shape: number[];
  /** The elements, last dimension fastest; a view into the given bytes. */
  readonly data: Uint8Array;
}

/**
 * Reads an IDX file as Yann LeCun's MNIST page (yann.lecun.com/exdb/mnist) defines it: two zero bytes, the
 * element type, the number of dimensions, each dimension as a big-endian uint32, the elements. Strict: a
 * byte too few or too many is refused, because a dataset that is nearly right trains a model that is not.
 *
 * @param file named in errors
 * @throws DATA_CORRUPT with what was expected and what was found
 */
export function parseIdx(bytes: Uint8Array, file: string): IdxFile {
  const refuse = (expected: string, found: string): never => {
    throw new LockstepError('DATA_CORRUPT', `${file}: expected ${expected}, found ${found}`, {
      hint: 'Fetch the file again from where it came from; it is not the IDX file that it should be.',
    });
  };
  const [first, second, type, rank] = bytes;
  if (first === undefined || second === undefined || type === undefined || rank === undefined) {
    return refuse('an IDX header of at least 4 bytes', `${bytes.length} bytes in all`);
  }
  if (first !== 0 || second !== 0) {
    return refuse('an IDX file, which begins with the bytes 00 00', hex(first, second));
  }
  if (type !== unsignedByte) {
    const name = typeNames.get(type) ?? 'unknown';
    return refuse('element type 08 (unsigned byte)', `${hex(type)} (${name})`);
  }
  if (rank < 1 || rank > maximumRank) {
    return refuse(`1 to ${maximumRank} dimensions`, String(rank));
  }
  const headerLength = 4 + 4 * rank;
  if (bytes.length < headerLength) {
    return refuse(`a header of ${headerLength} bytes`, `${bytes.length} bytes in all`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = Array.from({ length: rank }, (_none, axis) => view.getUint32(4 + 4 * axis));
  const elements = shape.reduce((product, dimension) => product * dimension, 1);
  const sizes = shape.join(' x ');
  if (elements > Number.MAX_SAFE_INTEGER) {
    return refuse('dimensions that fit into a file', sizes);
  }
  if (bytes.length !== headerLength + elements) {
    return refuse(`${headerLength + elements} bytes for ${sizes}`, `${bytes.length} bytes`);
  }
  return { shape, data: bytes.subarray(headerLength) };
}

function hex(...values: number[]): string {
  return values.map((value) => value.toString(16).padStart(2, '0')).join(' ');
}

import { LockstepError } from '@lockstep/core';
import { dataType, elementCount } from '../native/dataTypes.js';

/** What a captured function takes: typed arrays in row-major order. */
export type FeedArray = Float32Array | Int32Array | Uint8Array;

/**
 * An input. `uint8` (images, say) is fed as bytes and reaches the function as float32, so that four times
 * less is moved; the first size may be null: it follows from how much is fed.
 */
export interface InputSpec {
  readonly dtype: 'float32' | 'int32' | 'bool' | 'uint8';
  readonly shape: readonly [number | null, ...number[]] | readonly number[];
  /**
   * Read where it lies, if that is aligned, instead of copied: it must not be written until the run is over, and
   * the graph must not assign it to a variable. See tensorOver.
   */
  readonly isLent?: boolean;
}

export type Signature = Readonly<Record<string, InputSpec>>;

/** An input whose every size is known. */
export interface ConcreteInput {
  readonly name: string;
  readonly type: number;
  readonly shape: readonly number[];
  readonly isLent?: boolean;
}

const arrays = { float32: Float32Array, int32: Int32Array, bool: Uint8Array, uint8: Uint8Array };

/**
 * The shapes of what is fed.
 *
 * @throws INTERNAL where an array is missing or of another type, or its length is not a whole number of rows
 */
export function concreteInputs(
  signature: Signature,
  feeds: Readonly<Record<string, FeedArray>>,
): ConcreteInput[] {
  return Object.entries(signature).map(([name, { dtype, shape, isLent = false }]) => {
    const length = lengthOf(name, dtype, feeds[name]);
    const row = shape.slice(1).map(Number);
    const first = shape[0] === null ? length / elementCount(row) : shape[0];
    const concrete = first === undefined ? [] : [first, ...row];
    if (!Number.isInteger(first ?? 0) || elementCount(concrete) !== length) {
      throw new LockstepError(
        'INTERNAL',
        `the input '${name}' has ${length} elements, which do not fill the shape [${shape}]`,
      );
    }
    return { name, type: dataType[dtype], shape: concrete, isLent };
  });
}

function lengthOf(name: string, dtype: InputSpec['dtype'], values: FeedArray | undefined): number {
  if (values === undefined) throw new LockstepError('INTERNAL', `the input '${name}' is missing`);
  if (values instanceof arrays[dtype]) return values.length;
  throw new LockstepError(
    'INTERNAL',
    `the input '${name}' is a ${values.constructor.name}, where ${dtype} is a ${arrays[dtype].name}`,
  );
}

/** Equal for inputs that one captured graph serves. */
export const signatureKey = (inputs: readonly ConcreteInput[]): string =>
  inputs.map(({ shape }) => shape.join('x')).join(';');

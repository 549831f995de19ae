import { LockstepError } from '../../errors.js';
import { isObject } from './json.js';

/** Policies that keep the weights in float32; in what the matrix work is done, --precision says. */
const inFloat32 = ['float32', 'mixed_bfloat16', 'mixed_float16'];

/** A layer's `dtype`: Keras 3 has policies in the place of names. */
export function dataTypeOf(value: unknown, layer: string): unknown {
  if (value === null || typeof value === 'string') return value;
  const name = isObject(value) && isObject(value.config) ? value.config.name : undefined;
  if (inFloat32.includes(String(name))) return 'float32';
  throw new LockstepError(
    'USAGE',
    `layer '${layer}' has the dtype policy ${JSON.stringify(name ?? value)}`,
    { hint: `Use one of: ${inFloat32.join(', ')}.` },
  );
}

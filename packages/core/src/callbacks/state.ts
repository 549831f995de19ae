import type { z } from 'zod';
import { LockstepError } from '../errors.js';

/** The state that a callback finds in a checkpoint, or CHECKPOINT_MISMATCH: it is another callback's. */
export function parseState<Schema extends z.ZodType>(
  name: string,
  schema: Schema,
  state: unknown,
): z.infer<Schema> {
  const parsed = schema.safeParse(state);
  if (parsed.success) return parsed.data;
  throw new LockstepError(
    'CHECKPOINT_MISMATCH',
    `the checkpoint's state of the callback ${name} is not one of ${name}: ${parsed.error.issues[0]?.message}`,
    { hint: 'Resume with the version of Lockstep and the callbacks that wrote the checkpoint.' },
  );
}

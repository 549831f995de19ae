import type { z } from 'zod';
import { type FileHeader, fileHeaderSchema } from './header.js';

type Reader = (header: unknown) => z.ZodSafeParseResult<FileHeader>;

/**
 * How the header of each format version is read as one of today. A version that files may have stays here for ever: when
 * the format changes, the new version gets a line, and the older ones go on with a schema of their own and what makes
 * today's header of it. `fixtures/` has a file of each.
 */
export const readers: ReadonlyMap<number, Reader> = new Map([
  [1, (header) => fileHeaderSchema.safeParse(header)],
]);

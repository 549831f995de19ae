import { z } from 'zod';

/** Any number, NaN and infinities too: what is diverging must still be said (zod's number refuses both). */
export const anyNumber = z.custom<number>(
  (value) => typeof value === 'number',
  'expected a number, NaN and infinity included',
);

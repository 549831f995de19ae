import { randomInt } from 'node:crypto';
import { expect, it } from 'vitest';
import { fuzz } from './fuzz.js';

it('a hundred thousand hostile frames: each refused or believed as it should be, while a worker trains', async () => {
  const seed = randomInt(2 ** 30);
  const finding = await fuzz({ frames: 100_000, seed });
  expect(
    finding && {
      ...finding,
      frames: finding.frames.map((frame) => Buffer.from(frame).toString('hex')),
    },
  ).toBeNull();
});

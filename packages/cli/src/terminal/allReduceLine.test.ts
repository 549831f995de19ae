import type { News } from '@lockstep/coordinator';
import { expect, it } from 'vitest';
import { allReduceLine } from './allReduceLine.js';

const linked: Extract<News, { news: 'linked' }> = {
  news: 'linked',
  collective: 'shared-memory',
  bytes: 2_775_848,
  tried: [
    { name: 'shared-memory', milliseconds: 0.21, failure: null },
    { name: 'ring', milliseconds: 2.13, failure: null },
    { name: 'star', milliseconds: 9.8, failure: null },
  ],
  why: 'all ranks are on one host',
};

it('says what was chosen, what it takes, what else there is, and why', () => {
  expect(allReduceLine(linked)).toBe(
    'All-reduce: shared-memory, 0.2 ms for 2.8 MB (ring 2.1 ms, star 9.8 ms): all ranks are on one host.',
  );
});

it('says what failed, and nothing of what was not measured', () => {
  const tried = [
    {
      name: 'shared-memory',
      milliseconds: null,
      failure: { code: 'SHARED_MEMORY', message: 'rank 1 (host b, pid 2): no room' },
    },
    { name: 'ring', milliseconds: 12.4, failure: null },
  ] as const;
  const why = 'shared-memory failed';
  expect(allReduceLine({ ...linked, collective: 'ring', bytes: 207_360, tried, why })).toBe(
    'All-reduce: ring, 12 ms for 207 KB (shared-memory failed: rank 1 (host b, pid 2): no room): shared-memory failed.',
  );
  const asked = 'as --all-reduce asks';
  expect(allReduceLine({ ...linked, collective: 'star', tried: [], why: asked })).toBe(
    'All-reduce: star: as --all-reduce asks.',
  );
});

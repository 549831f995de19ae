import { expect, test } from 'vitest';
import { parseStatus } from './residentMemory.mjs';

test('what is resident, and what was', () => {
  const status = 'Name:\tnode\nVmPeak:\t 900 kB\nVmHWM:\t    300 kB\nVmRSS:\t    200 kB\n';
  expect(parseStatus(status)).toEqual({ now: 204_800, most: 307_200 });
  expect(() => parseStatus('Name:\tnode\n')).toThrow('VmRSS');
});

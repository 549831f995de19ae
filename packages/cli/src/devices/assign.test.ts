import fc from 'fast-check';
import { expect, it } from 'vitest';
import { assignShares } from './assign.js';

it('deals devices in turn', () => {
  const shares = assignShares({ threads: 'auto', devices: ['0', '1'] }, 3, 8);
  expect(shares).toEqual([
    { threads: 2, device: '0' },
    { threads: 2, device: '1' },
    { threads: 2, device: '0' },
  ]);
});

it('gives a lone process all cores', () => {
  expect(assignShares({ threads: 'auto', devices: ['auto'] }, 1, 8)).toEqual([
    { threads: 8, device: 'auto' },
  ]);
});

it('gives as many threads as were asked for', () => {
  const shares = assignShares({ threads: 3, devices: ['cpu'] }, 2, 2);
  expect(shares.map(({ threads }) => threads)).toEqual([3, 3]);
});

it('never gives more threads than there are cores, unless there are more workers', () => {
  const count = fc.integer({ min: 1, max: 200 });
  fc.assert(
    fc.property(count, count, fc.integer({ min: 1, max: 16 }), (workers, cores, gpus) => {
      const devices = Array.from({ length: gpus }, (_, index) => String(index));
      const shares = assignShares({ threads: 'auto', devices }, workers, cores);
      const total = shares.reduce((sum, { threads }) => sum + threads, 0);
      expect(shares).toHaveLength(workers);
      expect(total).toBeLessThanOrEqual(Math.max(cores, workers));
      expect(total).toBeGreaterThan(Math.max(cores, workers) - workers);
      const loads = devices.map((gpu) => shares.filter(({ device }) => device === gpu).length);
      expect(Math.max(...loads) - Math.min(...loads)).toBeLessThanOrEqual(1);
    }),
  );
});

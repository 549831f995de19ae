import { zoo } from '@lockstep/core/model';
import { describe, expect, it } from 'vitest';
import { readMeasured, workloadOf } from './workload.js';

const deep = { model: 'deep', batch: 50, speed: null };

describe('what a rank computes', () => {
  it('was measured, part by part', () => {
    const measured = readMeasured();
    for (const { model, batch } of measured.cases) {
      expect(zoo).toHaveProperty(model);
      const work = workloadOf(measured, { model, batch, speed: null });
      expect(work.sharesCore).toBe(true);
      expect(work.parts.at(-1)!.at).toBe(work.gradients);
      let end = work.length;
      let latest = 0;
      for (const { range, at } of work.parts) {
        expect(range.end).toBe(end);
        expect(at).toBeGreaterThanOrEqual(latest);
        [end, latest] = [range.begin, at];
      }
      expect(end).toBe(0);
    }
    expect(workloadOf(measured, deep).length).toBe(3_274_634);
  });

  it('is sent in parts of some size', () => {
    // The dense layers first, then the convolutions.
    const { parts, gradients } = workloadOf(readMeasured(), deep);
    expect(parts.map(({ range }) => range)).toEqual([
      { begin: 52_096, end: 3_274_634 },
      { begin: 0, end: 52_096 },
    ]);
    expect(parts[0]!.at).toBeLessThan(0.8 * gradients);
  });

  it('takes a device less, and leaves the core alone', () => {
    const core = workloadOf(readMeasured(), deep);
    const device = workloadOf(readMeasured(), { ...deep, speed: 10 });
    expect(device.sharesCore).toBe(false);
    expect(device.gradients).toBeCloseTo(core.gradients / 10, 9);
    expect(device.alone).toBeCloseTo(core.alone / 10, 9);
    expect(device.parts[0]!.at).toBeCloseTo(core.parts[0]!.at / 10, 9);
  });

  it('says what was measured where this was not', () => {
    expect(() => workloadOf(readMeasured(), { ...deep, batch: 51 })).toThrow(
      expect.objectContaining({ code: 'USAGE', hint: expect.stringContaining('deep at 50') }),
    );
  });
});

import { describe, expect, it } from 'vitest';
import {
  counted,
  formatBytes,
  formatCount,
  formatDuration,
  formatLogs,
  formatMetric,
  formatMilliseconds,
  formatStepTime,
} from './format.js';

describe('format', () => {
  it.each([
    [0, '0s'],
    [12_400, '12s'],
    [59_700, '1:00'],
    [65_000, '1:05'],
    [7_389_000, '2:03:09'],
  ])('%i ms last %s', (milliseconds, text) => expect(formatDuration(milliseconds)).toBe(text));

  it.each([
    [2_000, '2s/step'],
    [6.4, '6ms/step'],
    [0.48, '480us/step'],
  ])('%d ms a step is %s', (milliseconds, text) => expect(formatStepTime(milliseconds)).toBe(text));

  it.each([
    [12.4, '12 ms'],
    [9.84, '9.8 ms'],
    [0.21, '0.2 ms'],
    [0.05, '0.05 ms'],
  ])('%d ms are %s', (milliseconds, text) => expect(formatMilliseconds(milliseconds)).toBe(text));

  it.each([
    [2_775_848, '2.8 MB'],
    [207_360, '207 KB'],
    [40, '40 bytes'],
  ])('%i bytes are %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));

  // What Python's f'{value:.4f}' and f'{value:.4e}' give.
  it.each([
    [0.95614, '0.9561'],
    [12.5, '12.5000'],
    [0.000123, '1.2300e-04'],
    [0, '0.0000e+00'],
    [1e-12, '1.0000e-12'],
    [Number.NaN, 'nan'],
    [Number.POSITIVE_INFINITY, 'inf'],
  ])('the metric %d is %s', (value, text) => expect(formatMetric(value)).toBe(text));

  it('orders metrics by name', () => {
    const logs = { loss: 0.5, val_loss: 0.25, accuracy: 0.75 };
    expect(formatLogs(logs)).toBe('accuracy: 0.7500 - loss: 0.5000 - val_loss: 0.2500');
  });

  it('groups thousands, and counts in singular and plural', () => {
    expect(formatCount(1_234_567.8)).toBe('1,234,568');
    expect([counted(1, 'worker'), counted(2, 'worker')]).toEqual(['1 worker', '2 workers']);
  });
});

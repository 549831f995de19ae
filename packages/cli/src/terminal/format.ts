import type { Logs } from '@lockstep/core/metrics';

/** Whole seconds as Keras has them: `12s`, `1:05`, `2:03:09`. */
export function formatDuration(milliseconds: number): string {
  const total = Math.round(milliseconds / 1000);
  if (total < 60) return `${total}s`;
  const pad = (value: number): string => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(total / 3600), Math.floor(total / 60) % 60];
  return hours > 0
    ? `${hours}:${pad(minutes)}:${pad(total % 60)}`
    : `${minutes}:${pad(total % 60)}`;
}

/** Time of one step in the unit that Keras would take: `2s/step`, `6ms/step`, `480us/step`. */
export function formatStepTime(milliseconds: number): string {
  if (milliseconds >= 1000) return `${Math.round(milliseconds / 1000)}s/step`;
  if (milliseconds >= 1) return `${Math.round(milliseconds)}ms/step`;
  return `${Math.round(milliseconds * 1000)}us/step`;
}

/** `5,210`: the same on every machine. */
export function formatCount(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** Four digits; small values as `1.2300e-04`, as in Keras's progress bar. */
export function formatMetric(value: number): string {
  if (!Number.isFinite(value)) return String(value).replace('Infinity', 'inf').toLowerCase();
  if (Math.abs(value) > 1e-3) return value.toFixed(4);
  return value.toExponential(4).replace(/e([+-])(\d)$/, 'e$10$2');
}

/** `accuracy: 0.9561 - loss: 0.1458 - val_accuracy: ...`, in alphabetical order as Keras has them. */
export function formatLogs(logs: Logs): string {
  return Object.keys(logs)
    .sort()
    .map((name) => `${name}: ${formatMetric(logs[name]!)}`)
    .join(' - ');
}

/** `139.8 GiB`: memory, as systems count it. */
export function formatGibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}

/** `2.8 MB`, `207 KB`: data, in powers of ten as networks count it. */
export function formatBytes(bytes: number): string {
  if (bytes >= 1e6) return `${(bytes / 1e6).toFixed(1)} MB`;
  return bytes >= 1e3 ? `${Math.round(bytes / 1e3)} KB` : `${bytes} bytes`;
}

/** `12 ms`, `9.8 ms`, `0.05 ms`: two digits or so. */
export function formatMilliseconds(milliseconds: number): string {
  const digits = milliseconds >= 10 ? 0 : milliseconds >= 0.1 ? 1 : 2;
  return `${milliseconds.toFixed(digits)} ms`;
}

/** `1 worker`, `2 workers`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

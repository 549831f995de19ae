/**
 * A value as it is written on the command line, so that what a program gives is read, checked and refused as what a
 * person types: `['a', 'b']` is `a,b`, `{ monitor: 'loss', patience: 2 }` is `monitor=loss,patience=2`, and
 * `{ name: 'sgd', momentum: 0.9 }` is `sgd:momentum=0.9`.
 */
export function written(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.join(',');
  if (typeof value !== 'object' || value === null) return String(value);
  const { name, ...options } = value as Record<string, unknown>;
  const pairs = Object.entries(options)
    .filter(([, option]) => option !== undefined)
    .map(([key, option]) => `${key}=${option}`)
    .join(',');
  if (name === undefined) return pairs;
  return pairs === '' ? String(name) : `${name}:${pairs}`;
}

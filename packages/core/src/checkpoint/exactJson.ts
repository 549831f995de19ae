/**
 * JSON that gives back every number: NaN, the infinities and -0 become `{"$number": "NaN"}`, where plain
 * JSON would say null and 0. A resumed run must not take a diverged metric for a missing one. Keys of the
 * user's that look like the mark get one more dollar sign on the way.
 */
const mark = '$number';
const marked = new Set(['NaN', 'Infinity', '-Infinity', '-0']);

export function toExactJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner === 'number') {
      if (Object.is(inner, -0)) return { [mark]: '-0' };
      return Number.isFinite(inner) ? inner : { [mark]: String(inner) };
    }
    return renamed(inner, /^\$+number$/, (key) => `$${key}`);
  });
}

/** Throws SyntaxError, as JSON.parse does. */
export function fromExactJson(text: string): unknown {
  return JSON.parse(text, (_key, inner: unknown) => {
    if (isRecord(inner) && Object.keys(inner).length === 1) {
      const number = inner[mark];
      if (typeof number === 'string' && marked.has(number)) return Number(number);
    }
    return renamed(inner, /^\$\$+number$/, (key) => key.slice(1));
  });
}

function renamed(value: unknown, pattern: RegExp, rename: (key: string) => string): unknown {
  if (!isRecord(value) || !Object.keys(value).some((key) => pattern.test(key))) return value;
  const entries = Object.entries(value);
  return Object.fromEntries(
    entries.map(([key, inner]) => [pattern.test(key) ? rename(key) : key, inner]),
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

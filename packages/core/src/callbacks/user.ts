import { LockstepError } from '../errors.js';
import type { Callback } from './callback.js';

const hooks = ['onTrainBegin', 'onEpochBegin', 'onStepEnd', 'onEpochEnd', 'onTrainEnd'] as const;
const methods = [...hooks, 'state', 'restore'] as const;

/**
 * The callbacks in the default export of a user's file: a callback, an array of them, or a function that
 * returns either. Anything else is USER_CODE, naming the file and what was found there.
 */
export function asCallbacks(exported: unknown, file: string): Callback[] {
  if (exported === undefined) throw refused(file, 'it has no default export');
  const made = typeof exported === 'function' ? call(exported, file) : exported;
  const found = typeof exported === 'function' ? 'its function returned' : 'its default export is';
  const members: unknown[] = Array.isArray(made) ? made : [made];
  return members.map((member, index) => {
    const defect = defectOf(member);
    if (defect === undefined) return member as Callback;
    const where = Array.isArray(made) ? `${found} an array whose element ${index} is` : found;
    throw refused(file, `${where} ${defect}`);
  });
}

function call(exported: object, file: string): unknown {
  try {
    return (exported as () => unknown)();
  } catch (thrown) {
    const text = thrown instanceof Error ? thrown.message : String(thrown);
    throw refused(file, `its default export threw: ${text}`, thrown);
  }
}

/** What keeps a value from being a callback; undefined when nothing does. */
function defectOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return describe(value);
  if (value instanceof Promise) return 'a promise; return the callbacks themselves';
  const { name, ...rest } = Object.fromEntries(
    ['name', ...methods].map((key) => [key, Reflect.get(value, key)]),
  );
  if (typeof name !== 'string' || name === '') return 'an object without a name';
  for (const [method, member] of Object.entries(rest)) {
    if (member !== undefined && typeof member !== 'function') {
      return `the callback "${name}", whose ${method} is ${describe(member)}, not a function`;
    }
  }
  // A misspelt hook would never be called and never be missed.
  const unknownHook = keysOf(value).find((key) => /^on[A-Z_]/.test(key) && !isHook(key));
  if (unknownHook !== undefined) {
    return `the callback "${name}" with ${unknownHook}, which is not one of ${hooks.join(', ')}`;
  }
  if (hooks.every((hook) => rest[hook] === undefined)) {
    return `the callback "${name}" with none of ${hooks.join(', ')}`;
  }
  return undefined;
}

function isHook(key: string): boolean {
  return (hooks as readonly string[]).includes(key);
}

/** Own and inherited names, those of Object aside: methods of a class stand on its prototype. */
function keysOf(value: object): string[] {
  const keys: string[] = [];
  for (
    let at: object | null = value;
    at !== null && at !== Object.prototype;
    at = Object.getPrototypeOf(at)
  ) {
    keys.push(...Object.getOwnPropertyNames(at));
  }
  return keys;
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return 'an array';
  const type = typeof value;
  return type === 'object' ? 'an object' : `a ${type}`;
}

function refused(file: string, what: string, cause?: unknown): LockstepError {
  return new LockstepError('USER_CODE', `${file} gives no callbacks: ${what}`, {
    hint: 'Export a callback, an array of callbacks, or a function that returns them, as default.',
    cause,
  });
}

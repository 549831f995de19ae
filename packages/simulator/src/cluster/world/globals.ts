import { createRequire, syncBuiltinESMExports } from 'node:module';
import { type Callback, SimulatedTimer } from './timer.js';
import type { World } from './world.js';

const require = createRequire(import.meta.url);
/** The modules behind `import ... from 'node:...'`: what is changed here is seen there. */
const timersPromises: Record<string, unknown> = require('node:timers/promises');

const names = [
  'setTimeout',
  'setInterval',
  'setImmediate',
  'clearTimeout',
  'clearInterval',
  'clearImmediate',
] as const;

/** The part of WebAssembly that takes a thread of its own, and has a twin that does not. */
interface Assembly {
  compile(bytes: Uint8Array): Promise<object>;
  instantiate(module: object, imports?: object): Promise<object>;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports?: object) => object;
}

/**
 * Time and timers are the world's, for all code of simulated processes, until they are given back. Code that runs
 * outside of them keeps the real ones.
 *
 * @returns gives them back
 */
export function takeOver(world: World): () => void {
  const real = Object.fromEntries(names.map((name) => [name, Reflect.get(globalThis, name)]));
  const callReal = (name: (typeof names)[number], given: unknown[]): unknown =>
    Reflect.apply(Reflect.get(real, name), globalThis, given);
  const realWait = timersPromises.setTimeout;
  const assembly: Assembly = Reflect.get(globalThis, 'WebAssembly');
  const { compile, instantiate } = assembly;

  const timer =
    (name: (typeof names)[number], isRepeated: boolean) =>
    (call: Callback, delay?: unknown, ...given: unknown[]) => {
      const owner = world.current;
      if (owner === null) return callReal(name, [call, delay, ...given]);
      const isImmediate = name === 'setImmediate';
      // As Node has it: less than a millisecond is one.
      const delayMs = isImmediate ? 0 : Math.max(1, Math.trunc(Number(delay ?? 1)) || 1);
      const values = isImmediate && delay !== undefined ? [delay, ...given] : given;
      const settings = { delayMs, repeats: isRepeated, call: () => call(...values) };
      return new SimulatedTimer(world, owner, settings);
    };
  const clear = (name: (typeof names)[number]) => (given: unknown) => {
    if (given instanceof SimulatedTimer) given.close();
    else callReal(name, [given]);
  };

  Object.assign(globalThis, {
    setTimeout: timer('setTimeout', false),
    setInterval: timer('setInterval', true),
    setImmediate: timer('setImmediate', false),
    clearTimeout: clear('clearTimeout'),
    clearInterval: clear('clearInterval'),
    clearImmediate: clear('clearImmediate'),
  });
  timersPromises.setTimeout = (delay: number, value: unknown, { ref = true } = {}) =>
    new Promise((resolve) => {
      const waiting = setTimeout(resolve, delay, value);
      if (!ref) waiting.unref();
    });
  syncBuiltinESMExports();
  Object.defineProperty(performance, 'now', { value: () => world.now, configurable: true });
  Object.assign(assembly, {
    compile: async (bytes: Uint8Array) => new assembly.Module(bytes),
    instantiate: async (module: object, imports?: object) => new assembly.Instance(module, imports),
  });

  return () => {
    Object.assign(globalThis, real);
    timersPromises.setTimeout = realWait;
    syncBuiltinESMExports();
    Reflect.deleteProperty(performance, 'now');
    Object.assign(assembly, { compile, instantiate });
  };
}

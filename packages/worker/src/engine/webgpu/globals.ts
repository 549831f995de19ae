import { globals } from 'webgpu';

/** Names of the WebGPU standard that the backend of TensorFlow.js looks up while it works. */
const used = ['GPUBuffer', 'GPUBufferUsage', 'GPUMapMode', 'GPUTexture', 'GPUTextureUsage'];

/** Defines those, as a browser does; not enumerable, and none of the forty others. */
export function defineGlobals(): void {
  for (const name of used) {
    const value: unknown = Reflect.get(globals, name);
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
}

/**
 * Runs `work` while `navigator.gpu` is there, which the backend's constructor asks for and never uses.
 * Node below 21 has no `navigator`, and other libraries take one for the sign of a browser.
 */
export function withNavigator<Result>(gpu: GPU, work: () => Result): Result {
  const before = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  Object.defineProperty(globalThis, 'navigator', { value: { gpu }, configurable: true });
  try {
    return work();
  } finally {
    if (before === undefined) Reflect.deleteProperty(globalThis, 'navigator');
    else Object.defineProperty(globalThis, 'navigator', before);
  }
}

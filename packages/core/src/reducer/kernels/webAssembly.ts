/** What is used here of WebAssembly; Node has it, and its type declarations do not. */
interface WebAssemblyApi {
  readonly Memory: new (pages: { initial: number; maximum: number }) => WebAssemblyMemory;
  compile(bytes: Uint8Array<ArrayBuffer>): Promise<WebAssemblyModule>;
  instantiate(
    module: WebAssemblyModule,
    imports: { readonly env: { readonly memory: WebAssemblyMemory } },
  ): Promise<{ readonly exports: unknown }>;
}

/** Made by `compile`, and of use for `instantiate` only. */
type WebAssemblyModule = object;

export interface WebAssemblyMemory {
  readonly buffer: ArrayBuffer;
}

const compiled = new WeakMap<Uint8Array, ReturnType<typeof webAssembly.compile>>();

/**
 * The exports of a module over one memory. It is compiled once a process.
 *
 * @param binary always the same array for the same module
 */
export async function instantiate(
  binary: Uint8Array<ArrayBuffer>,
  memory: WebAssemblyMemory,
): Promise<unknown> {
  const module = compiled.get(binary) ?? webAssembly.compile(binary);
  compiled.set(binary, module);
  const { exports } = await webAssembly.instantiate(await module, { env: { memory } });
  return exports;
}

/** Bytes of a page: memory is given out by whole ones. */
export const webAssemblyPage = 65_536;

/** Pages of the largest memory: addresses have 32 bits. */
export const maximumPages = 65_536;

export const webAssembly: WebAssemblyApi = Reflect.get(globalThis, 'WebAssembly');

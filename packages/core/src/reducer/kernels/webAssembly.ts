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

/** Bytes of a page: memory is given out by whole ones. */
export const webAssemblyPage = 65_536;

/** Pages of the largest memory: addresses have 32 bits. */
export const maximumPages = 65_536;

export const webAssembly: WebAssemblyApi = Reflect.get(globalThis, 'WebAssembly');

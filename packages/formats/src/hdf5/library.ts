import { File, FS, ready } from 'h5wasm/node';

let counter = 0;

/**
 * Opens a file in the library's own memory: no path of this machine is touched, and nothing is left behind.
 *
 * @param bytes null for a new file
 * @throws Error with the library's reason
 */
export async function withFile<Result>(
  bytes: Uint8Array | null,
  use: (file: File, read: () => Uint8Array) => Result,
): Promise<Result> {
  const library = await ready;
  // Otherwise it prints its stack of reasons, and goes on with an invalid number for a file.
  library.activate_throwing_error_handler();
  counter += 1;
  const name = `/lockstep-${counter}.h5`;
  const files = FS!;
  let file: File | null = null;
  const close = (): void => {
    file?.close();
    file = null;
  };
  try {
    if (bytes !== null) files.writeFile(name, bytes);
    file = new File(name, bytes === null ? 'w' : 'r');
    return use(file, () => {
      close();
      return files.readFile(name);
    });
  } finally {
    close();
    if (files.analyzePath(name, false).exists) files.unlink(name);
  }
}

/** The innermost of the library's reasons: `truncated file: eof = 100, stored_eof = 37544`. */
export function reasonOf(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  const reasons = [...text.matchAll(/#\d+: \S+ line \d+ in \w+\(\): (.*)/g)];
  return reasons.at(-1)?.[1] ?? text.split('\n')[0]!;
}

// Its build for browsers: that for Node has the files of this machine in the place of its own.
import { File, FS, ready } from 'h5wasm';

// JavaScript with its types in comments: `thread.js` says why.

/**
 * Opens a file in the library's own memory: no path of this machine is touched, and nothing is left behind.
 *
 * @template Result
 * @param {Uint8Array | null} bytes null for a new file
 * @param {(file: File, read: () => Uint8Array) => Result} use
 * @returns {Promise<Result>}
 * @throws {Error} with the library's reason
 */
export async function withFile(bytes, use) {
  const library = await ready;
  // Otherwise it prints its stack of reasons, and goes on with an invalid number for a file.
  library.activate_throwing_error_handler();
  const name = '/model.h5';
  const files = /** @type {NonNullable<typeof FS>} */ (FS);
  /** @type {File | null} */
  let file = null;
  const close = () => {
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

/**
 * The innermost of the library's reasons: `truncated file: eof = 100, stored_eof = 37544`.
 *
 * @param {Error} error
 */
export function reasonOf({ message }) {
  const reasons = [...message.matchAll(/#\d+: \S+ line \d+ in \w+\(\): (.*)/g)];
  return reasons.at(-1)?.[1] ?? message;
}

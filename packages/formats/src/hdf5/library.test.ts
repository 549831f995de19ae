import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { withFile } from './library.js';

/** Where the library believes its file to be. */
const path = '/model.h5';

it("opens files in the library's own memory, and touches no path of this machine", async () => {
  expect(existsSync(path)).toBe(false);
  const bytes = await withFile(null, (file, read) => {
    file.create_attribute('name', 'value');
    file.flush();
    expect(existsSync(path)).toBe(false);
    return read();
  });
  const value = await withFile(bytes, (file) => {
    expect(existsSync(path)).toBe(false);
    return file.attrs.name?.value;
  });
  expect(value).toBe('value');
});

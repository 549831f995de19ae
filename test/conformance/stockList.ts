import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { runInNewContext } from 'node:vm';

/** What tfjs-node leaves out in its own run of these suites: parts of the names of specs. */
export async function stockList(): Promise<string[]> {
  const runner = createRequire(import.meta.url).resolve(
    '@tensorflow/tfjs-node-gpu/dist/run_tests.js',
  );
  const list = /IGNORE_LIST = (\[.*?\n\]);/s.exec(await readFile(runner, 'utf8'))?.[1];
  if (list === undefined) throw new Error(`${runner} has no IGNORE_LIST`);
  return Array.from(runInNewContext(list) as string[]);
}

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleSuites } from './bundle.js';
import type { SpecResult } from './runSpecs.js';

const deadlineMs = 170_000;

/**
 * Runs all suites in a process of their own.
 *
 * @param directory an empty one, where the program is written and run
 * @throws Error with what the process wrote, where it ends without results
 */
export async function runSuites(library: string, directory: string): Promise<SpecResult[]> {
  const program = await bundleSuites(directory);
  // A spec wants a file that is no image, and takes this one of the working directory.
  await writeFile(join(directory, 'package.json'), '{ "type": "module" }');
  const child = fork(program, [library], {
    cwd: directory,
    silent: true,
    timeout: deadlineMs,
    // TensorFlow has dilated depthwise and NCHW convolutions by oneDNN, which it leaves off on older CPUs.
    env: { ...process.env, TF_ENABLE_ONEDNN_OPTS: '1' },
  });
  let output = '';
  const listen = (chunk: Buffer) => {
    output = (output + chunk).slice(-4000);
  };
  child.stdout?.on('data', listen);
  child.stderr?.on('data', listen);
  let results: SpecResult[] | undefined;
  child.on('message', (message) => {
    results = message as SpecResult[];
  });
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  if (results !== undefined && code === 0) return results;
  throw new Error(`the suites ended with ${signal ?? code}:\n${output}`);
}

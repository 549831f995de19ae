import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where `npm run bench:peers` puts the Keras that it compares with. */
const benchPython = fileURLToPath(new URL('../../.bench/tensorflow/bin/python', import.meta.url));
const quiet = { TF_CPP_MIN_LOG_LEVEL: '3', CUDA_VISIBLE_DEVICES: '' };

/** A Python that has Keras 3 on TensorFlow; null where there is none. */
export const kerasPython: string | null =
  [benchPython, 'python3'].find(
    (python) =>
      (python === 'python3' || existsSync(python)) &&
      spawnSync(python, ['-c', 'import keras, tensorflow; assert keras.__version__ >= "3"'], {
        env: { ...process.env, ...quiet },
      }).status === 0,
  ) ?? null;

/**
 * What a script of `test/formats` prints as its last line, from JSON.
 *
 * @throws Error with all that it said where it fails
 */
export function runKeras<Result>(script: string, ...args: string[]): Result {
  const file = join(fileURLToPath(new URL('../formats', import.meta.url)), script);
  const { status, stdout, stderr } = spawnSync(kerasPython!, [file, ...args], {
    encoding: 'utf8',
    env: { ...process.env, ...quiet },
    maxBuffer: 1 << 26,
  });
  if (status !== 0) throw new Error(`${script} failed:\n${stdout}\n${stderr}`);
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as Result;
}

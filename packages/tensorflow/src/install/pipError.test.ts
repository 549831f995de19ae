import { expect, it } from 'vitest';
import { pins } from './pins.js';
import { pipError } from './pipError.js';

const wheel = pins[0]!.wheels[0]!;

it.each([
  [
    'a signal',
    'SIGKILL',
    '',
    'pip could not fetch tensorflow-cpu 2.21.0 (signal SIGKILL): it said nothing',
  ],
  [
    'the last lines, without notices',
    1,
    'one\ntwo\n\nthree\nERROR: four\n[notice] A new release of pip is available\n',
    'pip could not fetch tensorflow-cpu 2.21.0 (exit code 1): two / three / ERROR: four',
  ],
  [
    'a program that did not start',
    null,
    'spawn python3 EACCES',
    'pip could not fetch tensorflow-cpu 2.21.0 (it did not start): spawn python3 EACCES',
  ],
  [
    'a full disk',
    1,
    'ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device\n',
    `no space is left for ${wheel.file}: ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device`,
  ],
  [
    'a name that is not resolved',
    1,
    "WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError('<x>: Failed to establish a new connection: [Errno -3] Temporary failure in name resolution')': /simple/\nERROR: No matching distribution found\n",
    'pip cannot reach the package index for tensorflow-cpu 2.21.0: Failed to establish a new connection: [Errno -3] Temporary failure in name resolution',
  ],
  [
    'a network that gives no reason',
    1,
    'ERROR: SSLError\n',
    'pip cannot reach the package index for tensorflow-cpu 2.21.0: ERROR: SSLError',
  ],
  [
    'another file at the index',
    1,
    `ERROR: THESE PACKAGES DO NOT MATCH THE HASHES\n  Expected sha256 ${'a'.repeat(64)}\n       Got        ${'b'.repeat(64)}\n`,
    `the package index has another ${wheel.file}: its sha256 is ${'b'.repeat(64)}, and it should be ${'a'.repeat(64)}`,
  ],
])('%s', (_what, code, said, message) => {
  const error = pipError(wheel, code, said);
  expect(error.code).toBe('ENGINE_INSTALL');
  expect(error.message).toBe(message);
  expect(error.hint).toMatch(/--engine wasm|LOCKSTEP_CACHE/);
});

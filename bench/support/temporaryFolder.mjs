import { mkdtempSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';

const made = new Set();

/** A new folder; whoever is done with it removes it, and what is left goes with this process, Ctrl-C included. */
export function temporaryFolder() {
  if (made.size === 0) removeAtEnd();
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-bench-'));
  made.add(folder);
  return folder;
}

function removeAtEnd() {
  process.once('exit', () => {
    for (const folder of made) rmSync(folder, { recursive: true, force: true });
  });
  // By itself a signal would end this process without a word.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.once(signal, () => process.exit(128 + constants.signals[signal]));
  }
}
